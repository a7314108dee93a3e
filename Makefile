# Each target sets up what it needs on this machine. The scripts in infra/ do the work, one per target.
.PHONY: help setup build install package deploy run local test soak chaos fuzz bench screenshots lint clean

help:
	@sed -n 's/^## \?//p' Makefile

## make run      run the main job on this machine: local cloud, 60 workers, results in OUT
## make local    start the local cloud and the console, keep them running, and print how to use them
## make test     run all tests, or one suite with FILTER=SignerTests
## make soak     long tests: full-size runs in every encoding, under rate ceilings, with short timeouts, and that start
##               from earlier runs; about an hour
## make chaos    runs with killed processes, failing services, a cut network and duplicate events; RUNS=100, 15 minutes
## make fuzz     feed made-up inputs to everything that reads bytes from outside, for SECONDS per target
## make bench    measure Elenco and its peers, about 10 minutes; ONLY=start measures one part
## make screenshots  take the README's pictures of the page about a run, in about 5 minutes; or of PAGE=FILE
## make lint     check the source, the scripts, the template, the CI workflow, the pages' links and the pins
## make build    build the command line and the TMDB stand-in in release mode
## make install  build the command line and install it with its man page and completions under PREFIX
## make package  build the zips of the two Lambdas in .build/package
## make deploy   build the zips and deploy them to AWS, or update an existing stack
## make setup    install what is missing: Debian packages, Python packages in .venv
## make clean    delete .build, .local and the .venv folders; results in OUT remain
##
## Variables of install:
##   PREFIX=/usr/local     where to install; DESTDIR=FOLDER is put before it
##
## Variables of chaos:
##   RUNS=100              number of runs, each with its own seed; default: 10
##   SEED=123              seed of the first run; default: a random one
##   LANES=3               runs at the same time
##
## Variables of bench:
##   ONLY='worker start'  parts to measure: worker, encodings, start, dispatcher, signing, fan-out, queries, growth,
##                        refresh
##   SMOKE=--smoke        measure as little as possible, to check that the benchmarks work
##
## Variables of fuzz:
##   SECONDS=60            seconds per target
##   TARGETS='find gzip'   targets, by the names of the folders in Tests/Fuzz/Corpus; default: all
##
## Variables of run and local, in the environment or after `make run` (TMDB_TOKEN only in the environment):
##   MOVIES=FILE           a movies.csv, plain or .gz; default: a generated one
##   TMDB_TOKEN            TMDB API Read Access Token; without it, a stand-in takes TMDB's place
##   TMDB_BASE_URL=URL     a server with TMDB's routes to use instead of TMDB
##   FORMAT=lines          data files as JSON Lines, one film per line; default: object, one JSON object
##   COMPRESSION=gzip      compressed data files; default: none
##   OUT=FOLDER            folder that run copies the results to, with a page about the run; default: out
##   EVENT=JSON            the dispatcher's event for run; default: {}
##   REFRESH=1             run twice: the second run starts from the first; then print both bills
##   PARAMETERS='A=1 B=2'  parameters of infra/template.yaml, such as WorkerTimeout=30
##
## Variables of deploy; if the stack exists, settings that are left out keep their values:
##   STACK=NAME            default: elenco
##   REGION=NAME           default: the AWS CLI's region
##   BUCKET=NAME           existing bucket for the data; default: the stack creates one
##   SCHEDULE='cron(…)'    run on this schedule
##   ALARM_EMAIL=ADDRESS   address that receives the alarms by email
##   PARAMETERS='A=1 B=2'  as above

setup:
	@infra/setup

build: setup
	@infra/build

install: build
	@infra/install

package: setup
	@infra/package

deploy: package
	@infra/deploy-to-account

run:
	@infra/run

local:
	@infra/local

test:
	@infra/test $(if $(FILTER),--filter '$(FILTER)')

soak:
	@ELENCO_SOAK=1 infra/test --filter 'SoakTests|FullSizeTests|EncodingTests|RefreshTests|SimulationTests|RefreshCostTests|ElencoTests.BrowserTests'

chaos:
	@infra/setup
	@infra/build
	@infra/package
	@.venv/bin/python Tests/Chaos $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED)) $(if $(LANES),--lanes $(LANES))

fuzz:
	@infra/setup
	@infra/fuzz --seconds $(or $(SECONDS),60) $(TARGETS)

bench:
	@infra/setup bench
	@infra/build
	@infra/package
	@.venv-bench/bin/python Benchmarks $(SMOKE) $(ONLY)

screenshots:
	@infra/screenshots

lint:
	@infra/lint

clean:
	rm -rf .build .local .venv .venv-bench .venv-lint
