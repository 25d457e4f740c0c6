//! Throw-away servers: one a test process, killed when the process ends, however it ends.

use std::{
    fs,
    io::Read,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    Database,
    database::connect,
    tools::{Tools, check, run, text, tools},
};

/// Small and fast. Without fsync a crash of the machine would lose data; a killed server, which some tests need,
/// does not, since every commit is written.
const SETTINGS: &str = "
fsync = off
full_page_writes = off
autovacuum = off
jit = off
dynamic_shared_memory_type = mmap
shared_buffers = 24MB
max_connections = 40
max_locks_per_transaction = 256
max_wal_size = 256MB
wal_level = logical
timezone = 'UTC'
log_min_messages = warning
";

const PREFIX: &str = "ordain-test-";

/// A running server with a folder of its own.
pub struct Server {
    dir: PathBuf,
    port: u16,
    tools: Tools,
    account: Option<Account>,
    /// Reads from a pipe that this process holds open: at its end, whatever ended it, the watchdog stops the
    /// server and removes the folder.
    watchdog: Child,
    postmaster: u32,
    file_limit: Option<u32>,
}

/// How to start a server.
#[derive(Default)]
pub struct Options<'a> {
    /// Lines for postgresql.conf.
    pub settings: &'a str,
    /// Listen on 127.0.0.1 too, where passwords are asked for; the socket trusts everyone.
    pub tcp: bool,
    /// No file may grow beyond so many kilobytes: the server then meets what it meets on a full disk.
    pub file_limit: Option<u32>,
}

/// The user that servers run as when the tests run as root, which PostgreSQL refuses.
#[derive(Clone, Copy)]
struct Account {
    uid: u32,
    gid: u32,
}

/// The server that all tests of this process share.
pub fn shared() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&Options::default()))
}

impl Server {
    pub fn start(options: &Options) -> Self {
        let tools = tools().clone();
        let account = account();
        sweep();
        let dir = new_folder(account);
        let data = dir.join("data");
        let template = template(&tools, account);
        check(Command::new("cp").arg("-a").arg(&template).arg(&data));
        let port = free_port();
        let listen = if options.tcp { "127.0.0.1" } else { "" };
        let conf = format!(
            "{SETTINGS}\nlisten_addresses = '{listen}'\nport = {port}\nunix_socket_directories = '{}'\n{}\n",
            dir.display(),
            options.settings
        );
        fs::write(data.join("postgresql.auto.conf"), conf).unwrap();
        if options.tcp {
            let hba = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
            fs::write(data.join("pg_hba.conf"), hba).unwrap();
        }
        let file_limit = options.file_limit;
        let (postmaster, watchdog) = launch(&tools, account, &dir, file_limit);
        let server = Self { dir, port, tools, account, watchdog, postmaster, file_limit };
        server.wait_until_ready();
        server
    }

    /// The server is gone at once, as if its machine had lost power; [`start_again`](Server::start_again)
    /// brings it back.
    pub fn kill(&mut self) {
        check(Command::new("kill").arg("-KILL").arg(self.postmaster.to_string()));
        // Its children notice the postmaster's death by themselves and leave.
        thread::sleep(Duration::from_millis(300));
    }

    /// Starts it on the same data and port after [`kill`](Server::kill); recovery included.
    pub fn start_again(&mut self) {
        let _ = fs::remove_file(self.dir.join("data/postmaster.pid"));
        // The first watchdog must neither stop the new server nor remove the folder.
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
        (self.postmaster, self.watchdog) =
            launch(&self.tools, self.account, &self.dir, self.file_limit);
        self.wait_until_ready();
    }

    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    pub fn major(&self) -> u32 {
        self.tools.major
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.dir
    }

    /// As the superuser, over the socket.
    pub fn url(&self, database: &str) -> String {
        self.url_as("postgres", database)
    }

    pub fn url_as(&self, user: &str, database: &str) -> String {
        let dir = self.dir.display().to_string().replace('/', "%2F");
        format!("postgresql://{user}@{dir}:{}/{database}", self.port)
    }

    /// Over TCP, where a password is asked for. Only for servers started with `tcp`.
    pub fn tcp_url(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgresql://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// An empty database, dropped with the value.
    pub fn database(&self) -> Database<'_> {
        self.create("template1")
    }

    /// A copy of a database that nobody is connected to.
    pub fn copy(&self, of: &Database) -> Database<'_> {
        self.create(of.name())
    }

    /// One that is there already, after [`start_again`](Server::start_again).
    pub fn existing(&self, name: &str) -> Database<'_> {
        Database::new(self, name.to_owned())
    }

    fn create(&self, template: &str) -> Database<'_> {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Database::new(self, name)
    }

    /// A statement that belongs to no database of a test: roles, databases.
    pub fn admin(&self, sql: &str) {
        let mut client = connect(&self.url("postgres"));
        client.batch_execute(sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    }

    fn wait_until_ready(&self) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            if postgres::Client::connect(&self.url("postgres"), postgres::NoTls).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(15));
        }
        let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        panic!("the server in {} did not start:\n{log}", self.dir.display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closing the pipe is the watchdog's sign; it is waited for so that no folder outlives the value.
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// RAM where there is some, else the usual place.
fn base() -> &'static Path {
    static BASE: OnceLock<PathBuf> = OnceLock::new();
    BASE.get_or_init(|| {
        let ram = PathBuf::from("/dev/shm");
        let probe = tempfile::tempdir_in(&ram);
        if probe.is_ok() { ram } else { std::env::temp_dir() }
    })
}

fn new_folder(account: Option<Account>) -> PathBuf {
    let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(base()).unwrap();
    let dir = folder.keep();
    fs::write(dir.join("owner"), std::process::id().to_string()).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    if let Some(Account { uid, gid }) = account {
        chown(&dir, Some(uid), Some(gid)).unwrap();
    }
    dir
}

/// Removes what a killed watchdog left: folders whose process is gone.
fn sweep() {
    for entry in fs::read_dir(base()).into_iter().flatten().flatten() {
        let path = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(owner) = ours.then(|| fs::read_to_string(path.join("owner")).ok()).flatten()
        else {
            continue;
        };
        if Path::new("/proc").join(owner.trim()).exists() {
            continue;
        }
        if let Ok(pid) = fs::read_to_string(path.join("data/postmaster.pid")) {
            let pid = pid.lines().next().unwrap_or_default().to_owned();
            let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            // The number may belong to another program by now.
            if command.contains(path.to_string_lossy().as_ref()) {
                let _ = Command::new("kill").args(["-QUIT", &pid]).output();
            }
        }
        let _ = fs::remove_dir_all(&path);
    }
}

/// A data directory made once for each server build and copied from then on.
fn template(tools: &Tools, account: Option<Account>) -> PathBuf {
    let version = text(&run(Command::new(tools.server.join("postgres")).arg("--version")).stdout);
    let key: String = version.chars().filter(char::is_ascii_alphanumeric).collect();
    let uid = account.map_or(0, |a| a.uid);
    let path = base().join(format!("{PREFIX}template-{key}-{uid}"));
    if path.join("PG_VERSION").exists() {
        return path;
    }
    let fresh = new_folder(account);
    let mut initdb = as_account(account, &tools.server.join("initdb"));
    initdb.current_dir("/").arg("-D").arg(fresh.join("data"));
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    let out = run(&mut initdb);
    if !out.status.success() {
        // Builds linked against another libc may not know C.UTF-8.
        let _ = fs::remove_dir_all(fresh.join("data"));
        let mut initdb = as_account(account, &tools.server.join("initdb"));
        initdb.current_dir("/").arg("-D").arg(fresh.join("data"));
        check(initdb.args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]));
    }
    // Where another process was faster, its template serves.
    let _ = fs::rename(fresh.join("data"), &path);
    let _ = fs::remove_dir_all(&fresh);
    assert!(path.join("PG_VERSION").exists(), "no template in {}", path.display());
    path
}

/// Starts `postgres` and, beside it, the shell that ends it when our end of its pipe closes.
fn launch(
    tools: &Tools,
    account: Option<Account>,
    dir: &Path,
    file_limit: Option<u32>,
) -> (u32, Child) {
    let log = fs::File::options().create(true).append(true).open(dir.join("log")).unwrap();
    let program = tools.server.join("postgres");
    let mut postgres = match file_limit {
        None => as_account(account, &program),
        Some(kilobytes) => {
            let mut shell = as_account(account, Path::new("bash"));
            shell.args(["-c", &format!("ulimit -f {kilobytes}; exec \"$0\" \"$@\"")]).arg(&program);
            shell
        }
    };
    let child = postgres
        .arg("-D")
        .arg(dir.join("data"))
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .process_group(0)
        .spawn()
        .unwrap_or_else(|e| panic!("{postgres:?}: {e}"));
    let pid = child.id();
    // Reaps the postmaster, which would stay a zombie otherwise.
    thread::spawn(move || {
        let mut child = child;
        let _ = child.wait();
    });
    let script = "trap '' INT TERM HUP; cat >/dev/null; kill -QUIT $0 2>/dev/null; \
                  for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 $0 2>/dev/null || break; sleep 0.05; done; rm -rf \"$1\"";
    let watchdog = Command::new("sh")
        .args(["-c", script, &pid.to_string()])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    (pid, watchdog)
}

fn as_account(account: Option<Account>, program: &Path) -> Command {
    let mut command = Command::new(program);
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("PG") {
            command.env_remove(key);
        }
    }
    command.env("TZ", "UTC");
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// `postgres`, else `nobody`, when this process is root; `None` otherwise.
fn account() -> Option<Account> {
    let mut status = String::new();
    fs::File::open("/proc/self/status").and_then(|mut f| f.read_to_string(&mut status)).ok()?;
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    if uid.split_whitespace().nth(1) != Some("0") {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let of = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Account { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    of("postgres").or_else(|| of("nobody"))
}

/// Free for TCP; it names the socket too.
fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).unwrap().port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_survives_being_killed_and_leaves_nothing_behind() {
        let mut server = Server::start(&Options { tcp: true, ..Options::default() });
        server.admin("CREATE TABLE kept (a int); ALTER ROLE postgres PASSWORD 'secret'");
        server.kill();
        assert!(postgres::Client::connect(&server.url("postgres"), postgres::NoTls).is_err());
        server.start_again();
        connect(&server.tcp_url("postgres", "secret", "postgres"))
            .batch_execute("SELECT * FROM kept")
            .unwrap();
        let dir = server.socket_dir().to_owned();
        drop(server);
        assert!(!dir.exists());
    }

    #[test]
    fn databases_are_apart_and_copied() {
        let server = shared();
        let one = server.database();
        one.execute("CREATE TABLE t AS SELECT 7 AS a");
        let two = server.copy(&one);
        assert_eq!(two.value("SELECT a FROM t"), "7");
        assert_eq!(server.database().value("SELECT to_regclass('t') IS NULL"), "t");
    }
}
