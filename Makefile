# Targets for developers and CI. Each works alone on a fresh machine with npm and Go.

.PHONY: help setup check test demo chart crash crash-memory conformance faults soak bench lab-crash helm-crash lifecycle lifecycle-crash recordings clean

help:
	@echo 'make check      types, lint, format, unused code, import direction, wording, unit tests'
	@echo 'make test       make check, the tests of the Go parts, and tests on a cluster'
	@echo 'make demo       installs, upgrades and removes Kata on three nodes (KEEP=1 keeps the cluster)'
	@echo 'make chart      renders the chart: values become settings, invalid values are refused (builds Helm)'
	@echo 'make conformance  on real nodes: the installer on every version of containerd, with various main files'
	@echo 'make bench      cost of an installation, compared with tar and zstd; fails when a goal is missed'
	@echo 'make crash      on a real node: kills the installer before and after each action (ENGINE=containerd-1.7)'
	@echo 'make faults     on real nodes (root): the API server returns errors, disks are full or read-only, files'
	@echo '                are damaged, containerd does not restart, two installers run at once, SIGTERM in every phase'
	@echo 'make soak       an hour of random installations, upgrades, removals, pods, edits, restarts and full disks on two'
	@echo '                nodes (root; SOAK_MINUTES=10; SEED=1 repeats a run; KEEP=1 keeps the nodes)'
	@echo 'make lab-crash  kills "lab up" at ten random moments; nothing may be left behind'
	@echo 'make helm-crash  kills Helm at each of its writes, during upgrades, rollbacks and recoveries'
	@echo 'make lifecycle  on real nodes (root): upgrades by kata-lifecycle under every condition that it must cope with'
	@echo 'make lifecycle-crash  kills kata-lifecycle before and after each of its writes, the pods of its workflows, and Argo; suspends it'
	@echo 'make recordings  records the demos of docs/demos on three nodes (DEMOS=sunny,rainy records only some)'
	@echo 'make crash-memory  in memory: power loss and disk errors at every system call of the installer'

setup: node_modules/.package-lock.json

node_modules/.package-lock.json: package-lock.json
	@echo 'Installing Node and the npm packages of package-lock.json …'
	npm ci
	@touch $@

check: setup
	npm run --silent check

test: setup
	npm run --silent test

recordings: setup
	DEMOS='$(DEMOS)' KEEP='$(KEEP)' npm run --silent recordings

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

helm-crash: setup
	npm run --silent test:crash tests/crash/helm.test.ts

lifecycle: setup
	npm run --silent test:lifecycle

lifecycle-crash: setup
	npm run --silent test:crash tests/crash/lifecycle.test.ts tests/crash/lifecycle-suspended.test.ts tests/crash/lifecycle-argo.test.ts

crash-memory: setup
	npm run --silent test:exhaustive

soak: setup
	SOAK_MINUTES='$(SOAK_MINUTES)' SEED='$(SEED)' SOAK_ENGINES='$(SOAK_ENGINES)' npm run --silent test:soak

faults: setup
	npm run --silent test:faults

clean:
	rm -rf node_modules
