# Sourced by the other scripts: `set_up` makes a fresh Debian machine able to build and test ordain.
# What is there already is used as it is; what is missing is installed and named. Works as root, and as
# another user where sudo is allowed.

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The first file that matches, or nothing.
first_of() {
    local path
    for path in "$@"; do
        if [ -e "$path" ]; then printf '%s\n' "$path"; return; fi
    done
}

# Runs a command as root; its output is shown only when it fails.
as_root() {
    local log status=0
    log=$(mktemp)
    if [ "$(id -u)" -eq 0 ]; then
        "$@" >"$log" 2>&1 </dev/null || status=$?
    elif have sudo; then
        sudo "$@" >"$log" 2>&1 || status=$?
    else
        rm -f "$log"
        die "'$*' needs root, and there is no sudo; run it as root, then start again"
    fi
    if [ "$status" -ne 0 ]; then cat "$log" >&2; fi
    rm -f "$log"
    return "$status"
}

install_packages() {
    have apt-get || die "please install what Debian calls: $*"
    say "installing: $*"
    if [ -z "${ORDAIN_APT_UPDATED:-}" ]; then
        as_root apt-get update -q || say "warning: apt-get update failed; trying with the lists that are there"
        ORDAIN_APT_UPDATED=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" \
        || die "apt-get could not install: $*"
}

# A bin directory with a PostgreSQL server, the newest; nothing where there is none.
postgres_bin() {
    local dir
    if [ -n "${ORDAIN_TEST_PG_BIN:-}" ]; then printf '%s\n' "$ORDAIN_TEST_PG_BIN"; return; fi
    for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/pgsql/bin | sort -rV); do
        if [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ]; then printf '%s\n' "$dir"; return; fi
    done
    if have pg_config && [ -x "$(pg_config --bindir)/postgres" ]; then pg_config --bindir; fi
}

set_up_packages() {
    local missing=()
    # pg_query compiles PostgreSQL's parser with a C compiler and makes its bindings with libclang.
    have cc && have make || missing+=(build-essential)
    have clang || missing+=(clang)
    [ -n "${LIBCLANG_PATH:-}" ] || [ -n "$(first_of /usr/lib/llvm-*/lib/libclang.so /usr/lib/llvm-*/lib/libclang*.so /usr/lib/*/libclang*.so* /usr/lib64/libclang.so*)" ] \
        || missing+=(libclang-dev)
    have pkg-config || missing+=(pkg-config)
    have git || missing+=(git)
    if ! have cargo; then
        have curl || missing+=(curl)
        [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    fi
    if [ "${#missing[@]}" -gt 0 ]; then install_packages "${missing[@]}"; fi
}

# The server's programs alone: no database cluster is created and nothing is started.
set_up_postgres() {
    [ -z "$(postgres_bin)" ] || return 0
    local keep=/etc/postgresql-common/createcluster.d/ordain-set-up.conf
    have pg_createcluster || install_packages postgresql-common
    as_root mkdir -p "${keep%/*}"
    as_root sh -c "echo 'create_main_cluster = false' >$keep"
    install_packages postgresql postgresql-contrib
    as_root rm -f "$keep"
    [ -n "$(postgres_bin)" ] || die "PostgreSQL was installed, but no server is in /usr/lib/postgresql; set ORDAIN_TEST_PG_BIN"
}

set_up_rust() {
    # rustup's cargo looks for its toolchains below HOME; another HOME than the one it was installed in hides them.
    local home
    if have cargo && ! cargo --version >/dev/null 2>&1; then
        home=$(dirname "$(dirname "$(dirname "$(command -v cargo)")")")
        if [ -d "$home/.rustup" ]; then export RUSTUP_HOME="$home/.rustup" CARGO_HOME="$home/.cargo"; fi
    fi
    if ! have cargo && [ -f "${CARGO_HOME:-$HOME/.cargo}/env" ]; then . "${CARGO_HOME:-$HOME/.cargo}/env"; fi
    if ! have cargo; then
        say "installing: Rust, by rustup, for this user"
        if apt-cache policy rustup 2>/dev/null | grep -q 'Candidate: [0-9]'; then
            have rustup || install_packages rustup
            rustup -q default stable >&2 || die "rustup could not install a toolchain"
        else
            curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y -q --profile default --no-modify-path >&2 \
                || die "rustup could not be installed; install Rust another way, then start again"
            . "${CARGO_HOME:-$HOME/.cargo}/env"
        fi
    fi
    local wanted found
    wanted=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
    found=$(cargo --version | awk '{print $2}')
    if [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
        die "Rust $wanted or later is needed, and cargo here is $found; 'rustup update' brings a newer one"
    fi
}

# A virtual environment for each list in tests/python, kept in target/python/NAME until its list changes.
set_up_python() {
    local list name dir target=${CARGO_TARGET_DIR:-target}
    if ! have python3 || ! python3 -c 'import ensurepip, venv' 2>/dev/null; then install_packages python3 python3-venv; fi
    mkdir -p "$target/python"
    for list in tests/python/*.txt; do
        name=$(basename "$list" .txt)
        dir=$target/python/$name
        if cmp -s "$list" "$dir/installed.txt"; then continue; fi
        say "installing: the Python packages of $list"
        rm -rf "$dir"
        python3 -m venv "$dir" || die "python3 could not make a virtual environment in $dir"
        "$dir/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list" \
            || die "pip could not install what $list names"
        cp "$list" "$dir/installed.txt"
    done
}

set_up() {
    set_up_packages
    set_up_postgres
    set_up_rust
}

# Starts a throw-away server in the folder $1 (made here, gone with `stop_postgres`). PostgreSQL refuses to run as
# root, so root's server runs as another user. Sets `database_url`, its database is empty.
start_postgres() {
    local dir=$1 bin as=()
    bin=$(postgres_bin)
    if [ "$(id -u)" -eq 0 ]; then
        local user=nobody
        if id postgres >/dev/null 2>&1; then user=postgres; fi
        chown "$user" "$dir"
        as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
    fi
    if ! (cd / && "${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-sync >"$dir/log" 2>&1 \
        && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -s -o "-c listen_addresses='' -c unix_socket_directories='$dir' -c fsync=off" start); then
        cat "$dir"/*log >&2
        die "the throw-away server did not start"
    fi
    throwaway=("${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop)
    database_url="postgresql://postgres@/postgres?host=$dir"
}

stop_postgres() {
    if [ -n "${throwaway+set}" ]; then (cd / && "${throwaway[@]}" >/dev/null 2>&1) || true; fi
    rm -rf "$1"
}
