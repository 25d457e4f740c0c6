//! Stands between ordain and the server, and cuts the connection when a COMMIT has been passed on: the server commits,
//! and the reply never arrives.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use ordain_tests::{Database, Server};

pub struct Proxy {
    port: u16,
    cut: Arc<AtomicBool>,
}

impl Proxy {
    /// Cuts at the `which`-th COMMIT that passes, counted from 1 over all connections.
    pub fn start(server: &Server, which: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let socket = server.socket_dir().join(format!(".s.PGSQL.{}", server.port()));
        let (cut, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let has_cut = Arc::clone(&cut);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = UnixStream::connect(&socket) else { continue };
                let (cut, seen) = (Arc::clone(&cut), Arc::clone(&seen));
                thread::spawn(move || pass(client, server, which, &cut, &seen));
            }
        });
        Self { port, cut: has_cut }
    }

    pub fn url(&self, database: &Database) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, database.name())
    }

    pub fn has_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

fn pass(
    client: TcpStream,
    server: UnixStream,
    which: usize,
    cut: &Arc<AtomicBool>,
    seen: &AtomicUsize,
) {
    let (mut to_client, mut from_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let silent = Arc::new(AtomicBool::new(false));
    let quiet = Arc::clone(&silent);
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(n) = from_server.read(&mut buffer) {
            if n == 0 || quiet.load(Ordering::SeqCst) || to_client.write_all(&buffer[..n]).is_err()
            {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let (mut from_client, mut to_server) = (client, server);
    let mut buffer = [0; 65536];
    while let Ok(n) = from_client.read(&mut buffer) {
        if n == 0 {
            break;
        }
        let is_commit = buffer[..n]
            .to_ascii_uppercase()
            .windows(7)
            .any(|w| w == b"COMMIT\0" || w == b"COMMIT;");
        if is_commit && seen.fetch_add(1, Ordering::SeqCst) + 1 == which {
            silent.store(true, Ordering::SeqCst);
            cut.store(true, Ordering::SeqCst);
            let _ = to_server.write_all(&buffer[..n]);
            // Time for the server to commit; its answer goes nowhere.
            thread::sleep(Duration::from_millis(300));
            break;
        }
        if to_server.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = from_client.shutdown(Shutdown::Both);
    let _ = to_server.shutdown(Shutdown::Both);
}
