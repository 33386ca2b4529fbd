# Redraws cost-memory.svg from cost-memory.csv:  gnuplot cost-memory.gp
set encoding utf8
set terminal svg size 960,383 dynamic noenhanced font 'Helvetica,13' background rgb '#ffffff'
set output 'cost-memory.svg'
set datafile separator ','
set datafile columnheaders
set clip two
set multiplot
set border 3 lc rgb '#888888' lw 1
set grid ytics lc rgb '#e6e6e6' lw 1 lt 1, lc rgb '#e6e6e6' lw 1 lt 1
set label 'Memory of training, two layers' at screen 0.0125, screen 0.947781 left font ',16' tc rgb '#222222'

set lmargin at screen 0.0644167
set rmargin at screen 0.481646
set tmargin at screen 0.845953
set bmargin at screen 0.140992
set logscale x 10
set xrange [831.763771102671:120226.44346174129] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('10³' 1000.0 0, '10⁴' 10000.0 0, '10⁵' 100000.0 0, '' 900.0 1, '' 2000.0 1, '' 3000.0 1, '' 4000.0 1, '' 5000.0 1, '' 6000.0 1, '' 7000.0 1, '' 8000.0 1, '' 9000.0 1, '' 20000.0 1, '' 30000.0 1, '' 40000.0 1, '' 50000.0 1, '' 60000.0 1, '' 70000.0 1, '' 80000.0 1, '' 90000.0 1)
set logscale y 10
set yrange [0.09099816423429567:114.7474759264257] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('0.1' 0.1 0, '1' 1.0 0, '10' 10.0 0, '100' 100.0 0, '' 0.2 1, '' 0.30000000000000004 1, '' 0.4 1, '' 0.5 1, '' 0.6000000000000001 1, '' 0.7000000000000001 1, '' 0.8 1, '' 0.9 1, '' 2.0 1, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1)
set label 'd = 32, K = 1' at screen 0.0644167, screen 0.890339 left font ',14' tc rgb '#222222'
set label 'neurons N' at screen 0.273031, screen 0.0535248 center tc rgb '#444444'
set label 'MiB' at screen 0.0145833, screen 0.493473 center rotate by 90 tc rgb '#444444'
set key at graph 0.99, graph 0.03 right bottom Right samplen 2.2 spacing 0.87 tc rgb '#444444' maxcols 1 noautotitle
plot 'cost-memory.csv' using 1:2 with lines lw 1.0 dt (4,3) lc rgb '#777777' title 'parameters', \
  'cost-memory.csv' using 1:3 with lines lw 1.0 dt 1 lc rgb '#222222' title '1.5 × parameters + 64 MiB + data', \
  'cost-memory.csv' using 1:4 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' title 'measured'
unset label
unset arrow

set lmargin at screen 0.564417
set rmargin at screen 0.981646
set tmargin at screen 0.845953
set bmargin at screen 0.140992
set logscale x 10
set xrange [831.763771102671:120226.44346174129] noextend
set xtics norotate nomirror out scale 0.5,0.3 offset 0,0.35 tc rgb '#444444' ('10³' 1000.0 0, '10⁴' 10000.0 0, '10⁵' 100000.0 0, '' 900.0 1, '' 2000.0 1, '' 3000.0 1, '' 4000.0 1, '' 5000.0 1, '' 6000.0 1, '' 7000.0 1, '' 8000.0 1, '' 9000.0 1, '' 20000.0 1, '' 30000.0 1, '' 40000.0 1, '' 50000.0 1, '' 60000.0 1, '' 70000.0 1, '' 80000.0 1, '' 90000.0 1)
set logscale y 10
set yrange [2.315090275144032:665.7752120692144] noextend
set ytics norotate nomirror out scale 0.5,0.3 offset 0.3,0 tc rgb '#444444' ('10' 10.0 0, '100' 100.0 0, '' 3.0 1, '' 4.0 1, '' 5.0 1, '' 6.0 1, '' 7.0 1, '' 8.0 1, '' 9.0 1, '' 20.0 1, '' 30.0 1, '' 40.0 1, '' 50.0 1, '' 60.0 1, '' 70.0 1, '' 80.0 1, '' 90.0 1, '' 200.0 1, '' 300.0 1, '' 400.0 1, '' 500.0 1, '' 600.0 1)
set label 'd = 784, K = 1' at screen 0.564417, screen 0.890339 left font ',14' tc rgb '#222222'
set label 'neurons N' at screen 0.773031, screen 0.0535248 center tc rgb '#444444'
set label 'MiB' at screen 0.514583, screen 0.493473 center rotate by 90 tc rgb '#444444'
unset key
plot 'cost-memory.csv' using 1:5 with lines lw 1.0 dt (4,3) lc rgb '#777777' notitle, \
  'cost-memory.csv' using 1:6 with lines lw 1.0 dt 1 lc rgb '#222222' notitle, \
  'cost-memory.csv' using 1:7 with linespoints pt 9 ps 0.5 lw 2.0 dt 1 lc rgb '#009e73' notitle
unset label
unset arrow

unset multiplot
unset output
