# demo    sets up what is missing, builds, runs the quick reproduction into results/
# test    sets up what is missing, builds, runs every test, end-to-end ones included
# bench   own benchmarks: times, memory, ratios, compared with Benchmarks/baseline.json
# bench-peers   the same work in JAX, PyTorch and NumPy (in a Python venv), ratios in one table
# bench-growth  how cost grows, against the roofline: figures and the table of docs/performance.md
# install       builds and installs beneath PREFIX (~/.local) a tool that needs neither this checkout
#               nor Swift; make uninstall removes it
# lint    checks the format; format applies it
# docs    reference documentation of the library targets into .build/docs/
# setup   installs what is missing, and nothing else

SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources \
	Fuzzing/Package.swift Fuzzing/Sources
LIBRARIES = LinearAlgebra Landbridge DataFormats Artifacts
RESULTS = results
# More for the benchmark programs: make bench ARGS="--filter sgd", make bench-peers ARGS=--quick
ARGS =
PREFIX = $(HOME)/.local
# Swift's library goes into the program; on macOS it is part of the system. Other flags than those of
# `make demo`, so in a directory of its own, lest either build undo the other.
STATIC = $(if $(filter Darwin,$(shell uname -s)),,--static-swift-stdlib -Xlinker -s)
INSTALLED = swift build -c release --scratch-path .build/install $(STATIC)

.PHONY: demo test bench bench-peers bench-growth install uninstall lint format docs setup setup-bench

demo: setup
	swift build -c release --product landbridge
	"$$(swift build -c release --show-bin-path)/landbridge" reproduce --preset quick -o $(RESULTS)
	@echo "Open $(CURDIR)/$(RESULTS)/report.html in a browser."

test: setup
	scripts/test.sh

bench: setup-bench
	swift build -c release --product landbridge
	cd Benchmarks && swift run -c release Benchmarks --baseline baseline.json \
	  --landbridge "$$(swift build --package-path .. -c release --show-bin-path)/landbridge" $(ARGS)

bench-peers: setup-bench
	scripts/bench-peers.sh $(ARGS)

bench-growth: setup-bench
	cd Benchmarks && swift run -c release Benchmarks growth -o ../docs/figures \
	  --document ../docs/performance.md $(ARGS)

install: setup
	$(INSTALLED) --product landbridge
	$(INSTALLED) --product generate-manual
	bin="$$($(INSTALLED) --show-bin-path)" && \
	  scripts/install.sh "$(PREFIX)" "$$bin/landbridge" "$$bin/generate-manual"

uninstall:
	scripts/install.sh --uninstall "$(PREFIX)"

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

format:
	swift format --in-place --parallel --recursive $(SOURCES)

docs: setup
	scripts/docs.sh $(LIBRARIES)

setup:
	@scripts/setup.sh

setup-bench:
	@scripts/setup.sh openblas
