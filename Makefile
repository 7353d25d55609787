# What a person runs. `make help` lists it. Each target installs the Debian packages it lacks, and says so.

SWIFT ?= swift
PREFIX ?= /usr/local
# The domain to watch; without one `make watch` shows a propagation on loopback.
DOMAIN ?=
# More options for propaga, or for the tests: make watch DOMAIN=example.it ARGS="--format ndjson"
ARGS ?=
# How long `make fuzz` runs. Not `?=`: a shell of the same name for its own clock may export it.
SECONDS = 600

# How many worlds `make simulate` runs and judges; with SEED=n it shows what happens in that one instead.
SEEDS ?= 5000
SEED ?=

release := .build/release/propaga
simulate := .build/release/simulate
sources := Sources Tests Benchmarks Package.swift

build_packages := libldns-dev libidn2-dev libsqlite3-dev pkg-config
test_packages := $(build_packages) bind9 bind9-dnsutils chromium iproute2 knot knot-resolver ldnsutils nsd \
	pdns-recursor poppler-utils python3 python3-icalendar python3-jsonschema tmux unbound
bench_packages := $(build_packages) bind9-dnsutils dnsperf knot-dnsutils nsd python3
images_packages := chromium fonts-dejavu-core python3 tmux

.DEFAULT_GOAL := help
.PHONY: help watch build test simulate mutants lint warnings sanitize fuzz bench images install clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

watch: build ## Watch DOMAIN=example.it with resolvers.conf; without DOMAIN, a demonstration on loopback
ifeq ($(strip $(DOMAIN)),)
	@$(release) demo $(ARGS)
else
	@$(release) watch $(DOMAIN) --resolvers resolvers.conf $(ARGS)
endif

# The Swift runtime is linked in: the program starts in milliseconds, and runs where Swift is not installed.
build: ## The release build: .build/release/propaga
	@.ci/packages $(build_packages)
	$(SWIFT) build -c release --static-swift-stdlib --product propaga

test: ## The whole test suite, real name servers on loopback among it
	@.ci/packages $(test_packages)
	@.ci/mail-servers
	$(SWIFT) test $(ARGS)

simulate: ## The verdict over SEEDS=5000 simulated worlds, or the timeline of world SEED=n
	@.ci/packages $(build_packages)
	@$(SWIFT) build -c release --static-swift-stdlib --product simulate
	@$(simulate) $(if $(strip $(SEED)),--seed $(SEED),--seeds $(SEEDS)) $(ARGS)

mutants: ## Whether the simulated worlds notice when the core leaves a rule out
	@.ci/packages $(build_packages)
	@$(SWIFT) build -c release --static-swift-stdlib --product simulate --scratch-path .build-mutants \
		-Xswiftc -DPROPAGA_MUTANTS
	@.build-mutants/release/simulate --mutants --seeds $(SEEDS) $(ARGS)

lint: ## Formatting and style, strictly
	$(SWIFT) format lint --strict -r $(sources)

warnings: ## Everything built with warnings as errors
	@.ci/packages $(build_packages)
	PROPAGA_STRICT=1 $(SWIFT) build --build-tests

# Two builds of their own, so that neither disturbs the everyday one. No search for leaks here: Swift keeps
# pointers in forms that LeakSanitizer does not know. `make fuzz` looks for them, where the decoder's C is.
sanitize: ## The suite under the address and the thread sanitizer
	@.ci/packages $(test_packages)
	@.ci/mail-servers
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize address --scratch-path .build-address $(ARGS)
	$(SWIFT) test --sanitize thread --scratch-path .build-thread $(ARGS)

fuzz: ## The decoder against random input for SECONDS=600
	@.ci/packages $(build_packages)
	Benchmarks/Fuzz/fuzz.sh $(SECONDS)

bench: ## What it costs, beside dnsperf and kdig on the same machine
	@.ci/packages $(bench_packages)
	$(SWIFT) build -c release --static-swift-stdlib --product propaga
	$(SWIFT) build -c release --static-swift-stdlib --product scale
	/usr/bin/python3 Benchmarks/bench.py --propaga $(release) --scale .build/release/scale $(ARGS)
	$(SWIFT) build -c release --static-swift-stdlib --product simulate
	$(simulate) --schedule 1000

images: build ## The documents' pictures anew, from a run that is recorded on loopback
	@.ci/packages $(images_packages)
	@/usr/bin/python3 Documentation/images/record.py --propaga $(release)

# resolvers.conf is built in as well; a copy in /etc/propaga is only for those who change it.
install: build ## Install into PREFIX=/usr/local (DESTDIR= is honoured)
	install -D -m 755 $(release) $(DESTDIR)$(PREFIX)/bin/propaga

clean: ## Remove everything that was built
	rm -rf .build .build-address .build-thread .build-mutants
