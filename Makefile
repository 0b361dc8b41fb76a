# What a developer runs. `make help` lists the verbs.
GO ?= go
FUZZTIME ?= 30s

.PHONY: help build test race e2e bench compare cover fuzz gen lint api docs release

help:     ## list the verbs
	@sed -n 's/^\([a-z0-9]*\): *## */\1\t/p' Makefile

build:    ## the binary, ./writ
	$(GO) build -trimpath -o writ ./cmd/writ

test:     ## all tests that need nothing but Go
	$(GO) test ./...

race:     ## the same under the race detector
	$(GO) test -race $$($(GO) list ./... | grep -v /e2e)

e2e:      ## the binary with the AWS CLI, boto3, the JavaScript SDK and Terraform
	npm ci --prefix e2e/js --silent
	E2E=1 $(GO) test -count=1 ./e2e

bench:    ## the figures of bench/README.md, a quick run
	cd bench && $(GO) run . -quick

compare:  ## benchmarks of BASE (main) and of this tree, by turns, compared by benchstat
	.ci/compare $(or $(BASE),main)

cover:    ## statements that the tests of each package run, and the lines that no test runs
	@mkdir -p dist
	$(GO) test -coverprofile dist/cover.out $(or $(PACKAGES),./policy ./internal/authz ./internal/sigv4 ./internal/server)
	@awk -F'[ :]' '!/^mode/ && $$NF == 0 { print $$1 ":" $$2 }' dist/cover.out | sort > dist/uncovered.txt
	@echo "lines that no test of their package runs: dist/uncovered.txt"

fuzz:     ## every fuzz target, FUZZTIME each
	@for package in $$($(GO) list ./... ); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

gen:      ## code from the models of AWS, and the test of the generator
	$(GO) generate ./...
	$(GO) -C internal/gen test ./...

lint:     ## format, vet, the linters of .golangci.yml
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run

api:      ## the list of what the public packages export
	$(GO) test . -run TestAPI -update

docs:     ## the documents that tests hold equal to the code, and the site of all of them in dist/site
	$(GO) test . -update
	$(GO) test ./internal/decision -update
	$(GO) test ./internal/worldfile -run 'Schema|Reference' -update
	$(GO) test ./cmd/writ -run TestReference -update
	npm ci --prefix docs/site --silent
	npm run --prefix docs/site --silent build

release:  ## static binaries for all systems, in dist/; releases are made by .goreleaser.yaml
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
		os=$${target%/*} arch=$${target#*/} suffix=; [ $$os = windows ] && suffix=.exe; \
		echo "dist/writ-$$os-$$arch$$suffix"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w' -o dist/writ-$$os-$$arch$$suffix ./cmd/writ || exit 1; \
	done
	cd dist && sha256sum writ-* > checksums.txt
