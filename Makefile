# What a person or CI runs. Each target works alone on a fresh machine that has npm and Go.

.PHONY: help setup check test demo chart crash crash-memory conformance faults soak bench lab-crash clean

help:
	@echo 'make check      types, lint, format, unused code, import direction, unit tests'
	@echo 'make test       check, the tests of the Go parts, and a cluster test'
	@echo 'make demo       three nodes on three engines, shown and taken down (KEEP=1 leaves them up)'
	@echo 'make chart      values of the chart become settings; wrong ones are refused (builds Helm)'
	@echo 'make conformance  every kind of containerd, main files as administrators have them, on real nodes'
	@echo 'make bench      what installing costs, against tar with zstd; fails when a goal is missed'
	@echo 'make crash      kills the installer before and after each action of its journal on a node (ENGINE=containerd-1.7)'
	@echo 'make faults     on real nodes (root): the API server answers wrongly, disks are full or read-only, files'
	@echo '                are damaged, containerd does not come back, two installers at once, SIGTERM everywhere'
	@echo 'make soak       an hour of random installs, upgrades, removals, pods, edits, restarts and full disks on two'
	@echo '                nodes (root; SOAK_MINUTES=10, SEED=1 for the same again, KEEP=1 leaves them up)'
	@echo 'make lab-crash  kills "lab up" at ten random moments; nothing may be left'
	@echo 'make crash-memory  the installer loses its power and its disk at every call, in memory'

setup: node_modules/.package-lock.json

node_modules/.package-lock.json: package-lock.json
	@echo 'Installing Node and the npm packages of package-lock.json …'
	npm ci
	@touch $@

check: setup
	npm run --silent check

test: setup
	npm run --silent test

demo: setup
	npm run --silent demo

chart: setup
	npm run --silent test:chart

ENGINE ?= containerd-2.2

crash: setup
	npm run --silent test:crash tests/crash/$(ENGINE).test.ts

bench: setup
	npm run --silent bench

conformance: setup
	npm run --silent test:conformance

lab-crash: setup
	npm run --silent test:crash tests/crash/lab-up.test.ts

crash-memory: setup
	npm run --silent test:sweep

soak: setup
	SOAK_MINUTES='$(SOAK_MINUTES)' SEED='$(SEED)' SOAK_ENGINES='$(SOAK_ENGINES)' npm run --silent test:soak

faults: setup
	npm run --silent test:faults

clean:
	rm -rf node_modules
