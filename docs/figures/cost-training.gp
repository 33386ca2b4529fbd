# Redraws cost-training.svg from cost-training.csv:  gnuplot cost-training.gp
set encoding utf8
set terminal svg size 1080,781 dynamic noenhanced font 'Helvetica,13' background rgb '#ffffff'
set output 'cost-training.svg'
set datafile separator ','
set datafile columnheaders
set clip two
set multiplot
set border 3 lc rgb '#888888' lw 1
set grid ytics lc rgb '#e6e6e6' lw 1 lt 1, lc rgb '#e6e6e6' lw 1 lt 1
set label 'Cost of one step of exact online SGD, two layers' at screen 0.0111111, screen 0.974392 left font ',16' tc rgb '#222222'

set lmargin at screen 0.0572593
set rmargin at screen 0.310198
set tmargin at screen 0.924456
set bmargin at screen 0.604353
set logscale x 10
set xrange [75.85775750291837:131825.6738556407] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('10²' 100.0 0, '10³' 1000.0 0, '10⁴' 10000.0 0, '10⁵' 100000.0 0, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1, '' 700.0 1, '' 800.0 1, '' 900.0 1, '' 2000.0 1, '' 3000.0 1, '' 4000.0 1, '' 5000.0 1, '' 6000.0 1, '' 7000.0 1, '' 8000.0 1, '' 9000.0 1, '' 20000.0 1, '' 30000.0 1, '' 40000.0 1, '' 50000.0 1, '' 60000.0 1, '' 70000.0 1, '' 80000.0 1, '' 90000.0 1)
set logscale y 10
set yrange [0.02705803040849577:647.267543516318] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('0.1' 0.1 0, '1' 1.0 0, '10' 10.0 0, '100' 100.0 0, '' 0.03 1, '' 0.04 1, '' 0.05 1, '' 0.06 1, '' 0.07 1, '' 0.08 1, '' 0.09 1, '' 0.2 1, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 1, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1)
set label 'd = 32, K = 1' at screen 0.0572593, screen 0.946223 left font ',14' tc rgb '#222222'
set label 'neurons N' at screen 0.183728, screen 0.56146 center tc rgb '#444444'
set label 'µs per step' at screen 0.012963, screen 0.764405 center rotate by 90 tc rgb '#444444'
set key at screen 0.0572593, screen 0.542894 left top Left reverse samplen 2.2 spacing 0.87 tc rgb '#444444' maxcols 1 noautotitle
plot 'cost-training.csv' using 1:2 with lines lw 2.0 dt (6,3) lc rgb '#5e3c99' title 'bytes/bandwidth', \
  'cost-training.csv' using 1:3 with lines lw 1.0 dt (4,3) lc rgb '#777777' title 'flops/peak', \
  'cost-training.csv' using 1:4 with lines lw 1.0 dt 1 lc rgb '#222222' title 'model', \
  'cost-training.csv' using 1:(column(6) <= 2.705803040849577e-05 ? 2.705803040849577e-05 : column(6)):(0):((column(7) <= 2.705803040849577e-05 ? 2.705803040849577e-05 : column(7)) - (column(6) <= 2.705803040849577e-05 ? 2.705803040849577e-05 : column(6))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 1:5 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' title '1 thread', \
  'cost-training.csv' using 1:(column(9) <= 2.705803040849577e-05 ? 2.705803040849577e-05 : column(9)):(0):((column(10) <= 2.705803040849577e-05 ? 2.705803040849577e-05 : column(10)) - (column(9) <= 2.705803040849577e-05 ? 2.705803040849577e-05 : column(9))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#c0579a' notitle, \
  'cost-training.csv' using 1:8 with linespoints pt 13 ps 0.5 lw 2.0 dt (12,4) lc rgb '#c0579a' title '2 threads'
unset label
unset arrow

set lmargin at screen 0.391716
set rmargin at screen 0.644654
set tmargin at screen 0.924456
set bmargin at screen 0.604353
set logscale x 10
set xrange [75.85775750291837:131825.6738556407] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('10²' 100.0 0, '10³' 1000.0 0, '10⁴' 10000.0 0, '10⁵' 100000.0 0, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1, '' 700.0 1, '' 800.0 1, '' 900.0 1, '' 2000.0 1, '' 3000.0 1, '' 4000.0 1, '' 5000.0 1, '' 6000.0 1, '' 7000.0 1, '' 8000.0 1, '' 9000.0 1, '' 20000.0 1, '' 30000.0 1, '' 40000.0 1, '' 50000.0 1, '' 60000.0 1, '' 70000.0 1, '' 80000.0 1, '' 90000.0 1)
set logscale y 10
set yrange [0.15783119354606415:5777.765716280298] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('1' 1.0 0, '10' 10.0 0, '100' 100.0 0, '1000' 1000.0 0, '' 0.2 1, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 1, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1, '' 700.0 1, '' 800.0 1, '' 900.0 1, '' 2000.0 1, '' 3000.0 1, '' 4000.0 1, '' 5000.0 1)
set label 'd = 784, K = 1' at screen 0.391716, screen 0.946223 left font ',14' tc rgb '#222222'
set label 'neurons N' at screen 0.518185, screen 0.56146 center tc rgb '#444444'
set label 'µs per step' at screen 0.340679, screen 0.764405 center rotate by 90 tc rgb '#444444'
unset key
plot 'cost-training.csv' using 1:11 with lines lw 2.0 dt (6,3) lc rgb '#5e3c99' notitle, \
  'cost-training.csv' using 1:12 with lines lw 1.0 dt (4,3) lc rgb '#777777' notitle, \
  'cost-training.csv' using 1:13 with lines lw 1.0 dt 1 lc rgb '#222222' notitle, \
  'cost-training.csv' using 1:(column(15) <= 0.00015783119354606415 ? 0.00015783119354606415 : column(15)):(0):((column(16) <= 0.00015783119354606415 ? 0.00015783119354606415 : column(16)) - (column(15) <= 0.00015783119354606415 ? 0.00015783119354606415 : column(15))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 1:14 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 1:(column(18) <= 0.00015783119354606415 ? 0.00015783119354606415 : column(18)):(0):((column(19) <= 0.00015783119354606415 ? 0.00015783119354606415 : column(19)) - (column(18) <= 0.00015783119354606415 ? 0.00015783119354606415 : column(18))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#c0579a' notitle, \
  'cost-training.csv' using 1:17 with linespoints pt 13 ps 0.5 lw 2.0 dt (12,4) lc rgb '#c0579a' notitle
unset label
unset arrow

set lmargin at screen 0.726173
set rmargin at screen 0.979111
set tmargin at screen 0.924456
set bmargin at screen 0.604353
set logscale x 10
set xrange [6.305459463095666:3897.5748149420997] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('10' 10.0 0, '100' 100.0 0, '1000' 1000.0 0, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1, '' 700.0 1, '' 800.0 1, '' 900.0 1, '' 2000.0 1, '' 3000.0 1)
set logscale y 10
set yrange [0.26200555154362154:636.9587536382757] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('1' 1.0 0, '10' 10.0 0, '100' 100.0 0, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 1, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1)
set label 'N = 3200, K = 1' at screen 0.726173, screen 0.946223 left font ',14' tc rgb '#222222'
set label 'inputs d' at screen 0.852642, screen 0.56146 center tc rgb '#444444'
set label 'µs per step' at screen 0.681877, screen 0.764405 center rotate by 90 tc rgb '#444444'
unset key
plot 'cost-training.csv' using 20:21 with lines lw 2.0 dt (6,3) lc rgb '#5e3c99' notitle, \
  'cost-training.csv' using 20:22 with lines lw 1.0 dt (4,3) lc rgb '#777777' notitle, \
  'cost-training.csv' using 20:23 with lines lw 1.0 dt 1 lc rgb '#222222' notitle, \
  'cost-training.csv' using 20:(column(25) <= 0.00026200555154362153 ? 0.00026200555154362153 : column(25)):(0):((column(26) <= 0.00026200555154362153 ? 0.00026200555154362153 : column(26)) - (column(25) <= 0.00026200555154362153 ? 0.00026200555154362153 : column(25))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 20:24 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 20:(column(28) <= 0.00026200555154362153 ? 0.00026200555154362153 : column(28)):(0):((column(29) <= 0.00026200555154362153 ? 0.00026200555154362153 : column(29)) - (column(28) <= 0.00026200555154362153 ? 0.00026200555154362153 : column(28))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#c0579a' notitle, \
  'cost-training.csv' using 20:27 with linespoints pt 13 ps 0.5 lw 2.0 dt (12,4) lc rgb '#c0579a' notitle
unset label
unset arrow

set lmargin at screen 0.0572593
set rmargin at screen 0.310198
set tmargin at screen 0.389245
set bmargin at screen 0.0691421
set logscale x 10
set xrange [0.831763771102671:120.2264434617413] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('1' 1.0 0, '10' 10.0 0, '100' 100.0 0, '' 0.9 1, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1)
set logscale y 10
set yrange [7.025404277579899:180.72214349280887] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('10' 10.0 0, '100' 100.0 0, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1)
set label 'N = 3200, d = 784' at screen 0.0572593, screen 0.411012 left font ',14' tc rgb '#222222'
set label 'outputs K' at screen 0.183728, screen 0.0262484 center tc rgb '#444444'
set label 'µs per step' at screen 0.012963, screen 0.229193 center rotate by 90 tc rgb '#444444'
unset key
plot 'cost-training.csv' using 30:31 with lines lw 2.0 dt (6,3) lc rgb '#5e3c99' notitle, \
  'cost-training.csv' using 30:32 with lines lw 1.0 dt (4,3) lc rgb '#777777' notitle, \
  'cost-training.csv' using 30:33 with lines lw 1.0 dt 1 lc rgb '#222222' notitle, \
  'cost-training.csv' using 30:(column(35) <= 0.007025404277579899 ? 0.007025404277579899 : column(35)):(0):((column(36) <= 0.007025404277579899 ? 0.007025404277579899 : column(36)) - (column(35) <= 0.007025404277579899 ? 0.007025404277579899 : column(35))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 30:34 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 30:(column(38) <= 0.007025404277579899 ? 0.007025404277579899 : column(38)):(0):((column(39) <= 0.007025404277579899 ? 0.007025404277579899 : column(39)) - (column(38) <= 0.007025404277579899 ? 0.007025404277579899 : column(38))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#c0579a' notitle, \
  'cost-training.csv' using 30:37 with linespoints pt 13 ps 0.5 lw 2.0 dt (12,4) lc rgb '#c0579a' notitle
unset label
unset arrow

set lmargin at screen 0.391716
set rmargin at screen 0.644654
set tmargin at screen 0.389245
set bmargin at screen 0.0691421
set logscale x 2
set xrange [0.7791645796604998:657.114059552207] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('1' 1.0 0, '' 2.0 1, '' 4.0 1, '8' 8.0 0, '' 16.0 1, '' 32.0 1, '64' 64.0 0, '' 128.0 1, '' 256.0 1, '512' 512.0 0)
set logscale y 10
set yrange [0.01517097277684344:29.19857835377472] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('0.1' 0.1 0, '1' 1.0 0, '10' 10.0 0, '' 0.02 1, '' 0.03 1, '' 0.04 1, '' 0.05 1, '' 0.06 1, '' 0.07 1, '' 0.08 1, '' 0.09 1, '' 0.2 1, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 1, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1)
set label 'N = 800, d = 32, K = 1' at screen 0.391716, screen 0.411012 left font ',14' tc rgb '#222222'
set label 'block size B' at screen 0.518185, screen 0.0262484 center tc rgb '#444444'
set label 'µs per step' at screen 0.350429, screen 0.229193 center rotate by 90 tc rgb '#444444'
unset key
plot 'cost-training.csv' using 40:41 with lines lw 2.0 dt (6,3) lc rgb '#5e3c99' notitle, \
  'cost-training.csv' using 40:42 with lines lw 1.0 dt (4,3) lc rgb '#777777' notitle, \
  'cost-training.csv' using 40:43 with lines lw 1.0 dt 1 lc rgb '#222222' notitle, \
  'cost-training.csv' using 40:(column(45) <= 1.517097277684344e-05 ? 1.517097277684344e-05 : column(45)):(0):((column(46) <= 1.517097277684344e-05 ? 1.517097277684344e-05 : column(46)) - (column(45) <= 1.517097277684344e-05 ? 1.517097277684344e-05 : column(45))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 40:44 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 40:(column(48) <= 1.517097277684344e-05 ? 1.517097277684344e-05 : column(48)):(0):((column(49) <= 1.517097277684344e-05 ? 1.517097277684344e-05 : column(49)) - (column(48) <= 1.517097277684344e-05 ? 1.517097277684344e-05 : column(48))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#c0579a' notitle, \
  'cost-training.csv' using 40:47 with linespoints pt 13 ps 0.5 lw 2.0 dt (12,4) lc rgb '#c0579a' notitle
unset label
unset arrow

set lmargin at screen 0.726173
set rmargin at screen 0.979111
set tmargin at screen 0.389245
set bmargin at screen 0.0691421
set logscale x 2
set xrange [0.7791645796604998:657.114059552207] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('1' 1.0 0, '' 2.0 1, '' 4.0 1, '8' 8.0 0, '' 16.0 1, '' 32.0 1, '64' 64.0 0, '' 128.0 1, '' 256.0 1, '512' 512.0 0)
set logscale y 10
set yrange [1.4499339250545398:2532.0766972087745] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('10' 10.0 0, '100' 100.0 0, '1000' 1000.0 0, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1, '' 700.0 1, '' 800.0 1, '' 900.0 1, '' 2000.0 1)
set label 'N = 3200, d = 784, K = 1' at screen 0.726173, screen 0.411012 left font ',14' tc rgb '#222222'
set label 'block size B' at screen 0.852642, screen 0.0262484 center tc rgb '#444444'
set label 'µs per step' at screen 0.675136, screen 0.229193 center rotate by 90 tc rgb '#444444'
unset key
plot 'cost-training.csv' using 40:50 with lines lw 2.0 dt (6,3) lc rgb '#5e3c99' notitle, \
  'cost-training.csv' using 40:51 with lines lw 1.0 dt (4,3) lc rgb '#777777' notitle, \
  'cost-training.csv' using 40:52 with lines lw 1.0 dt 1 lc rgb '#222222' notitle, \
  'cost-training.csv' using 40:(column(54) <= 0.0014499339250545397 ? 0.0014499339250545397 : column(54)):(0):((column(55) <= 0.0014499339250545397 ? 0.0014499339250545397 : column(55)) - (column(54) <= 0.0014499339250545397 ? 0.0014499339250545397 : column(54))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 40:53 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' notitle, \
  'cost-training.csv' using 40:(column(57) <= 0.0014499339250545397 ? 0.0014499339250545397 : column(57)):(0):((column(58) <= 0.0014499339250545397 ? 0.0014499339250545397 : column(58)) - (column(57) <= 0.0014499339250545397 ? 0.0014499339250545397 : column(57))) with vectors heads size screen 0.00277778,90 lw 1.2 lc rgb '#c0579a' notitle, \
  'cost-training.csv' using 40:56 with linespoints pt 13 ps 0.5 lw 2.0 dt (12,4) lc rgb '#c0579a' notitle
unset label
unset arrow

unset multiplot
unset output
