# demo    sets up what is missing, builds, runs the quick reproduction into results/
# test    sets up what is missing, builds, runs every test, end-to-end ones included
# bench   times training against this machine's own matrix product
# lint    checks the format; format applies it
# docs    reference documentation of the library targets into .build/docs/
# setup   installs what is missing, and nothing else

SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources \
	Fuzzing/Package.swift Fuzzing/Sources
LIBRARIES = LinearAlgebra Landbridge DataFormats
RESULTS = results

.PHONY: demo test bench lint format docs setup

demo: setup
	swift build -c release --product landbridge
	"$$(swift build -c release --show-bin-path)/landbridge" reproduce --preset quick -o $(RESULTS)
	@echo "Open $(CURDIR)/$(RESULTS)/report.html in a browser."

test: setup
	scripts/test.sh

bench: setup
	cd Benchmarks && swift run -c release Benchmarks

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

format:
	swift format --in-place --parallel --recursive $(SOURCES)

docs: setup
	scripts/docs.sh $(LIBRARIES)

setup:
	@scripts/setup.sh
