# The commands of Kabinet. `make run` starts the demo, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

TEMPL       = go run github.com/a-h/templ/cmd/templ@$(shell go list -m -f '{{.Version}}' github.com/a-h/templ)
AIR         = go run github.com/air-verse/air@v1.67.4
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What npm brings, and where the binary embeds it from.
NPM      := node_modules/.package-lock.json
TOOLS    := node_modules/puppeteer-core/package.json
ICONS    := arrow-clockwise briefcase chat-dots check-circle code-slash credit-card easel exclamation-circle gift info-circle people
ASSETS   := static/npm/iframeResizer.js $(ICONS:%=static/npm/icons/%.svg)
ASSETS   += $(addprefix integrations/priceplan/sandbox/assets/npm/,iframeResizer.js iframeResizer.contentWindow.js)
ASSETS   += $(addprefix integrations/amocrm/sandbox/assets/npm/,require.js jquery.js react.js react-dom.js redux-toolkit.js react-redux.js nanoid.js classnames.js dateformat.js lodash.js)

# Runs go test, names what hangs, and says at the end what ran. Most of a browser's test goes by waiting, so that more
# run at once than there are cores, but not many more: that costs more than it brings. No test is decided by how long
# it takes: the limit is there to end what hangs.
# -trimpath lets the copies of forks share the build cache.
SUITE    = GOFLAGS=-trimpath go run ./handlers/app/apptest/suite -vet off -timeout 1h -parallel 4
DEADCODE = go run golang.org/x/tools/cmd/deadcode@v0.52.0

# Tests run in their packages' folders: a folder for pictures is meant from here.
ifdef KABINET_SCREENSHOTS
export KABINET_SCREENSHOTS := $(abspath $(KABINET_SCREENSHOTS))
endif

.PHONY: help run watch generate build assets test race lint bench soak forks browsers picture browser postgres nginx clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: build ## start the demo at http://localhost:8080
	./kabinet demo

watch: assets ## start the demo, and again after each change of Go, templ, CSS, JavaScript or texts
	$(AIR) -c .air.toml

generate: ## make Go of the templ files
	$(TEMPL) generate -log-level error

build: assets ## build one binary, ./kabinet, that needs no Node to run
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o kabinet .

assets: $(ASSETS) ## bring what is embedded from npm, and compress the portal's own
	@node static/compress.mjs

$(NPM): package.json package-lock.json .npmrc
	npm ci --omit=dev
	@touch $@

# What only tests need of npm, with the rest: it stands before assets where both are wanted, so that npm runs once.
$(TOOLS): package.json package-lock.json .npmrc
	npm ci
	@touch $(NPM) $@

# Where each file of ASSETS is in its package, as far as its name does not say.
%/iframeResizer.js %/iframeResizer.contentWindow.js: FROM = iframe-resizer/js/$(@F)
static/npm/icons/%.svg: FROM = bootstrap-icons/icons/$(@F)
%/require.js:       FROM = requirejs/require.js
%/jquery.js:        FROM = jquery/dist/jquery.min.js
%/react.js:         FROM = react/umd/react.production.min.js
%/react-dom.js:     FROM = react-dom/umd/react-dom.production.min.js
%/redux-toolkit.js: FROM = @reduxjs/toolkit/dist/redux-toolkit.umd.min.js
%/react-redux.js:   FROM = react-redux/dist/react-redux.min.js
%/nanoid.js:        FROM = nanoid/non-secure/index.cjs
%/classnames.js:    FROM = classnames/index.js
%/dateformat.js:    FROM = dateformat/lib/dateformat.js
%/lodash.js:        FROM = lodash/lodash.min.js

$(ASSETS): $(NPM)
	@mkdir -p $(@D)
	cp node_modules/$(FROM) $@

test: $(TOOLS) assets browser postgres nginx lint ## run everything, in real browsers too
	KABINET_TEST_BROWSER=required KABINET_TEST_POSTGRES=required KABINET_TEST_NGINX=required \
		$(SUITE) -skip '^TestAFork' ./...

# It takes the test of forks too, which needs no browser: so both take about four minutes on two cores.
race: assets ## run what needs no browser under the race detector, and a fork's tests
	@command -v "$$(go env CC)" >/dev/null || { echo 'make race needs a C compiler: install gcc or clang'; exit 1; }
	KABINET_TEST_BROWSER=none $(SUITE) -race ./...

lint: ## gofmt, line ends, go vet, staticcheck, generated files, what nothing reaches
	@unformatted=$$(find . -name '*.go' -not -path './node_modules/*' | xargs gofmt -l); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	@before=$$(find . -name '*_templ.go' -not -path './node_modules/*' | sort | xargs sha256sum); \
	$(TEMPL) generate -log-level error && \
	after=$$(find . -name '*_templ.go' -not -path './node_modules/*' | sort | xargs sha256sum); \
	test "$$before" = "$$after" || { echo 'the generated templ files were out of date; they are up to date now: commit them'; exit 1; }
	@long=$$(for f in $$(git ls-files -co --exclude-standard '*.go' | grep -v -e _test.go -e _templ.go); do \
		test ! -e $$f || sed 's/\t/    /g' $$f | LC_ALL=C.UTF-8 grep -nE '^.{120}' | sed "s|^|$$f:|" | cut -c1-120; done); \
	test -z "$$long" || { echo 'these lines end beyond column 119:'; echo "$$long"; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	@dead=$$($(DEADCODE) -test ./...); test -z "$$dead" || { echo "nothing reaches:"; echo "$$dead"; exit 1; }

bench: build ## measure: pages, sign-ins, a million users, starts, memory, size
	go test -run '^$$' -bench . -benchtime 2s -timeout 20m ./...

# The commit that the tree as it is is compared with.
AGAINST = HEAD

.PHONY: bench-check
bench-check: build ## compare the figures with those of the last commit, by turns: AGAINST=COMMIT for another
	@before=$$(mktemp -d) && trap 'rm -rf "$$before"' EXIT && git archive $(AGAINST) | tar -x -C "$$before" && \
	find static/npm integrations/*/sandbox/assets/npm -type f -print0 | xargs -0 cp --parents -t "$$before" && \
	(cd "$$before" && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o before .) && \
	KABINET_BENCH_BEFORE="$$before/before" go test -v -count 1 -run NoFigureFalls -timeout 20m ./handlers/app

soak: ## kill the portal a thousand times while it writes
	KABINET_SOAK_ROUNDS=1000 go test -run Killed -count 1 -timeout 2h -v ./handlers/app ./store

.PHONY: load
load: ; KABINET_LOAD_SECONDS=30 go test -run TwoHundred -count 1 -timeout 1h -v ./integrations/webim/sandbox ## two hundred chats, a message a second each, for thirty seconds

.PHONY: upgrade-test
upgrade-test: assets ## run the program before the newest migration beside it
	KABINET_UPGRADE_TEST=1 go test -count 1 -run TheProgramBefore ./handlers/app

forks: assets ## take each vendor out in a copy, and test what is left
	KABINET_FORKS=all KABINET_TEST_BROWSER=none $(SUITE) -count 1 -run TestAFork ./handlers/app

# Debian's packages are installed where that is ours to do. It is a function of two: what has to be there, and them.
define installed
@if command -v $(1) >/dev/null; then :; \
elif command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ "$$CI" = true ]; }; then \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $(2) >/dev/null; fi
endef

# Two Chromiums: the window-less one takes half the time, the whole one has what a few tests need. Elsewhere one
# Chromium of any name does for both. A test in Firefox runs where there is one.
browser:
	$(call installed,chromium,chromium fonts-dejavu-core)
	$(call installed,chromium-headless-shell,chromium-headless-shell)
	-$(call installed,firefox-esr,firefox-esr)
	@command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null || \
		{ echo 'make test needs Chromium: install it as chromium or google-chrome'; exit 1; }

# The tests start a server of their own.
postgres:
	$(call installed,pg_ctlcluster,postgresql)
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		{ echo 'make test needs PostgreSQL: install it, with initdb in the path'; exit 1; }

# The tests of the guide to production: a proxy, and where it can be had what builds an image.
nginx:
	$(call installed,nginx,nginx)
	-$(call installed,buildah,buildah)
	@command -v nginx >/dev/null || { echo 'make test needs nginx: install it, in the path'; exit 1; }

browsers: $(TOOLS) assets ## try the portal in Firefox and in WebKit
	$(call installed,firefox-esr,firefox-esr fonts-dejavu-core)
	$(call installed,WebKitWebDriver,webkit2gtk-driver)
	$(call installed,Xvfb,xvfb)
	@command -v firefox-esr firefox >/dev/null && command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null || \
		{ echo 'make browsers needs Firefox, WebKitGTK with WebKitWebDriver and MiniBrowser, and Xvfb'; exit 1; }
	KABINET_BROWSERS=all KABINET_TEST_BROWSER=required $(SUITE) -count 1 ./handlers/app/browsers

picture: $(TOOLS) assets ## make the picture of the README from the running program
	KABINET_PICTURE=$(abspath .github/kabinet.png) go test -count 1 -run ThePicture ./handlers/app

clean: ## remove what the commands above made, the demo's data aside
	rm -rf kabinet node_modules $(ASSETS)
