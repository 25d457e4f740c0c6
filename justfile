# `just` lists these; each is one command that also works without just.

# What there is.
default:
    @just --list --unsorted

# All tests against the PostgreSQL on this machine.
test *args:
    scripts/test {{args}}

# The fixtures on PostgreSQL 14 to 18 (servers are fetched from npm).
test-all *majors:
    scripts/test-all {{majors}}

# Inspect against pg_dump, plan warm and cold, growth: as ratios.
bench *args:
    scripts/bench {{args}}

# Random pairs of schemas until stopped; what it finds becomes a fixture. Seconds, first seed.
fuzz seconds="600" seed="":
    scripts/fuzz {{seconds}} {{seed}}

# Rewrites fixtures/*/*/plan.sql from what the planner says now.
golden:
    UPDATE_GOLDEN=1 scripts/test -p ordain-cli --test golden

fmt:
    scripts/format

lint:
    scripts/format --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    scripts/dependencies

# A change from start to end on a throw-away server.
demo:
    scripts/demo
