//! A private server: started in milliseconds, reachable through one socket, gone with us.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use postgres::Config;

use crate::{
    ShadowError,
    shadow::{
        binaries::Binaries,
        folder::Folder,
        template::{self, Locale, Login},
    },
};

/// A running server. Dropping it stops the server and removes every file.
pub(crate) struct Cluster {
    supervisor: Child,
    pub folder: Folder,
    pub login: Login,
}

/// Settings of a server that lives for a second and whose data nobody wants.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "checkpoint_timeout=1d",
    "autovacuum=off",
    "max_connections=10",
    "max_worker_processes=0",
    "max_parallel_workers=0",
    "max_parallel_workers_per_gather=0",
    "max_locks_per_transaction=1024",
    "shared_buffers=64MB",
    "dynamic_shared_memory_type=mmap",
    "jit=off",
    "lc_messages=C",
    "logging_collector=off",
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
    "check_function_bodies=off",
    "timezone=UTC",
    "datestyle=ISO, MDY",
    "default_text_search_config=pg_catalog.english",
];

/// Starts the server and waits for it. When its standard input closes, which the system sees to when we are gone,
/// however that came about, it stops the server and removes the folder.
const SUPERVISE: &str = r#"
bin=$1; folder=$2; shift 2
"$bin/postgres" "$@" </dev/null >"$folder/log" 2>&1 &
server=$!
read -r _
kill -QUIT $server 2>/dev/null
wait $server
cd /
rm -rf "$folder"
"#;

impl Cluster {
    /// From a kept template where there is one; a template that does not start is thrown away.
    pub fn start(
        binaries: &Binaries,
        locale: &Locale,
        cache: Option<&Path>,
        notices: &mut Vec<String>,
    ) -> Result<Self, ShadowError> {
        match Self::launch(binaries, locale, cache, notices) {
            Err(ShadowError::Start(_)) if cache.is_some() => {
                template::forget(binaries, locale, cache);
                Self::launch(binaries, locale, cache, notices)
            }
            other => other,
        }
    }

    fn launch(
        binaries: &Binaries,
        locale: &Locale,
        cache: Option<&Path>,
        notices: &mut Vec<String>,
    ) -> Result<Self, ShadowError> {
        let folder = Folder::new()?;
        let login = template::data(&folder, binaries, locale, cache, notices)?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SUPERVISE, "sh"]).arg(&binaries.folder).arg(&folder.path);
        command.arg("-D").arg(folder.path.join("data")).arg("-k").arg(&folder.path);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        // Its own process group: Ctrl-C is for us, and we end the server.
        command
            .current_dir(&folder.path)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for variable in ["PGDATA", "PGOPTIONS", "PGPORT", "PGHOST"] {
            command.env_remove(variable);
        }
        if let Some(owner) = folder.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        let supervisor = command.spawn().map_err(ShadowError::io("starting the server"))?;
        let mut cluster = Self { supervisor, folder, login };
        cluster.wait()?;
        Ok(cluster)
    }

    fn wait(&mut self) -> Result<(), ShadowError> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let begun = Instant::now();
        let status = self.folder.path.join("data/postmaster.pid");
        loop {
            // The last line of the file says so (utils/pidfile.h).
            if fs::read_to_string(&status)
                .is_ok_and(|s| s.lines().last().is_some_and(|l| l.trim() == "ready"))
            {
                return Ok(());
            }
            let log = fs::read_to_string(self.folder.path.join("log")).unwrap_or_default();
            if log.contains("FATAL") || log.contains("not found") || begun.elapsed() > PATIENCE {
                return Err(ShadowError::Start(last_lines(&log)));
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// How to reach a database of it.
    pub fn config(&self, role: &str, password: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(&self.folder.path)
            .port(5432)
            .user(role)
            .password(password)
            .dbname("postgres");
        config
    }

    /// What the server wrote into its log last, for when a connection breaks.
    pub fn log(&self) -> String {
        last_lines(&fs::read_to_string(self.folder.path.join("log")).unwrap_or_default())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().rev().take(5).collect();
    let text: Vec<&str> = lines.into_iter().rev().collect();
    if text.is_empty() { "it wrote nothing into its log".into() } else { text.join("; ") }
}
