# Each target gets the machine ready by itself; the work is in infra/, a script a target.
.PHONY: help setup build package deploy run local test soak bench lint clean

help:
	@sed -n 's/^## \?//p' Makefile

## make run      the main job on this machine: local cloud, 60 workers, results in OUT
## make local    keep the local cloud up, and say how to use it with the AWS CLI
## make test     all tests
## make soak     runs of minutes at full size, under ceilings and short of time
## make bench    Elenco measured beside its peers, in 10 minutes; ONLY=start a part of it
## make lint     the source, the scripts and the template
## make build    release build of the command line and of the TMDB stand-in
## make package  the two Lambdas, zipped: .build/package
## make deploy   these on AWS, with what they need there
## make setup    only what is missing: Debian packages, .venv
## make clean    remove what was built and set up here; results stay
##
## Variables of bench:
##   ONLY='worker start'  of worker, start, dispatcher, signing, fan-out and growth
##   SMOKE=--smoke       as little as shows that it works
##
## Variables of run and local, in the environment or after `make run` (the token in the environment):
##   MOVIES=FILE         a movies.csv, also .gz; generated if not said
##   TMDB_TOKEN          TMDB's read token: the real TMDB then, and a stand-in without it
##   TMDB_BASE_URL=URL   another server that speaks TMDB's routes
##   OUT=FOLDER          where run copies the results to; out if not said
##   EVENT=JSON          run's event for the dispatcher; {} if not said
##   PARAMETERS='A=1 B=2'  parameters of infra/template.yaml, such as WorkerTimeout=30
##
## Variables of deploy; what is left out stays as it is in a stack that is there:
##   STACK=NAME          elenco if not said
##   REGION=NAME         the AWS CLI's if not said
##   BUCKET=NAME         a bucket of yours for the data; a new one if not said
##   SCHEDULE='cron(…)'  switch the schedule on
##   ALARM_EMAIL=ADDRESS whom alarms are mailed to
##   PARAMETERS          as above

setup:
	@infra/setup

build: setup
	@infra/build

package: setup
	@infra/package

deploy: package
	@infra/deploy-to-account

run:
	@infra/run

local:
	@infra/local

test:
	@infra/test

soak:
	@ELENCO_SOAK=1 infra/test --filter SoakTests

bench:
	@infra/setup bench
	@infra/build
	@infra/package
	@.venv-bench/bin/python Benchmarks $(SMOKE) $(ONLY)

lint:
	@infra/lint

clean:
	rm -rf .build .local .venv .venv-bench
