//! Connections to real servers: passwords, TLS in all its modes, and what is said when there is none.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    sync::OnceLock,
    time::{Duration, Instant},
};

use ordain_introspect::connect::connect;
use ordain_tests::{Server, server::Options};

/// A server that asks for passwords over TCP and speaks TLS: a certificate for `localhost` from its own authority.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Server::start(&Options { tcp: true, ..Options::default() });
        // The server's own user makes the files, so that their owner and mode are right.
        let sign = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt \
            && openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr \
            && printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > ext \
            && openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.crt \
            && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stranger -keyout other.key -out other.crt \
            && chmod 600 server.key && chmod 644 ca.crt other.crt server.crt && chmod 755 . ";
        server.admin(&format!("COPY (SELECT 1) TO PROGRAM '{}'", sign.replace('\'', "''")));
        for sql in [
            "alter system set ssl_cert_file = 'server.crt'",
            "alter system set ssl_key_file = 'server.key'",
            "alter system set ssl = on",
            "select pg_reload_conf()",
            "create role app login password 'se:cret'",
        ] {
            server.admin(sql);
        }
        let start = Instant::now();
        while server.database().value("show ssl") != "on" {
            assert!(start.elapsed() < Duration::from_secs(10));
        }
        server
    })
}

fn url(host: &str, parameters: &str) -> String {
    format!("postgres://app:se%3Acret@{host}:{}/postgres?{parameters}", server().port())
}

/// The text of a certificate, in a file of this process.
fn certificate(name: &str) -> tempfile::NamedTempFile {
    let text = server().database().value(&format!("select pg_read_file('{name}')"));
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

fn is_encrypted(url: &str) -> bool {
    let mut client = connect(url).unwrap_or_else(|error| panic!("{error}"));
    let query = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    client.query_one(query, &[]).unwrap().get(0)
}

fn refusal(url: &str) -> String {
    let error = connect(url).err().expect("a connection that should not be").to_string();
    assert!(!error.contains("se:cret") && !error.contains("se%3Acret"), "{error}");
    error
}

#[test]
fn encryption_follows_sslmode() {
    assert!(!is_encrypted(&url("localhost", "sslmode=disable")));
    assert!(!is_encrypted(&url("localhost", "sslmode=allow")));
    assert!(is_encrypted(&url("localhost", "sslmode=prefer")));
    assert!(is_encrypted(&url("localhost", "")));
    assert!(is_encrypted(&url("127.0.0.1", "sslmode=require")));
}

#[test]
fn certificates_are_verified_as_far_as_sslmode_says() {
    let (ca, other, own) =
        (certificate("ca.crt"), certificate("other.crt"), certificate("server.crt"));
    let with = |host: &str, mode: &str, file: &tempfile::NamedTempFile| {
        url(host, &format!("sslmode={mode}&sslrootcert={}", file.path().display()))
    };
    assert!(is_encrypted(&with("localhost", "verify-full", &ca)));
    assert!(is_encrypted(&with("127.0.0.1", "verify-ca", &ca)));
    assert!(is_encrypted(&with("127.0.0.1", "require", &ca)));
    // The certificate itself may be the trusted one.
    assert!(is_encrypted(&with("localhost", "verify-full", &own)));
    for (url, part) in [
        (with("127.0.0.1", "verify-full", &ca), "not valid for name"),
        (with("localhost", "verify-ca", &other), "TLS: invalid peer certificate"),
        (with("localhost", "require", &other), "TLS: invalid peer certificate"),
        (
            url("localhost", "sslmode=verify-full&sslrootcert=/nonexistent"),
            "certificate file /nonexistent",
        ),
        (url("localhost", "sslmode=verify-full&sslrootcert=system"), "TLS: "),
        (url("localhost", "sslmode=require&sslrootcert=system"), "needs sslmode=verify-full"),
        (url("localhost", "sslmode=perhaps"), "is not one of disable, allow"),
    ] {
        let told = refusal(&url);
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn passwords_come_from_a_file_that_nobody_else_can_read() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let port = server().port();
    fs::write(
        file.path(),
        format!("# mine\nelsewhere:*:*:*:wrong\n127.0.0.1:{port}:*:app:se\\:cret\n"),
    )
    .unwrap();
    let url =
        format!("postgres://app@127.0.0.1:{port}/postgres?passfile={}", file.path().display());
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o600)).unwrap();
    connect(&url).unwrap_or_else(|error| panic!("{error}"));
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let told = refusal(&url);
    assert!(told.contains("none is given") && told.contains("others can read it"), "{told}");
}

#[test]
fn what_went_wrong_is_said() {
    let port = server().port();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf = silent.local_addr().unwrap().port();
    for (url, part) in [
        (
            format!("postgres://app:wrong@127.0.0.1:{port}/postgres"),
            "password authentication failed for user \"app\"",
        ),
        (
            format!("postgres://app:se%3Acret@127.0.0.1:{port}/nothere"),
            "database \"nothere\" does not exist",
        ),
        (
            format!("postgres://nobody:x@127.0.0.1:{port}/postgres"),
            "password authentication failed",
        ),
        ("postgres://app:se%3Acret@127.0.0.1:1/x".into(), "connection refused"),
        ("postgres://app@no-such-host.invalid/x".into(), "the host name is not known"),
        ("postgres://app@%2Fno%2Fsuch%2Ffolder/x".into(), "there is no such socket"),
        (format!("postgres://app@127.0.0.1:{deaf}/x?connect_timeout=1"), "no answer within 1 s"),
    ] {
        let told = refusal(&url);
        assert!(told.contains(part), "{told}");
        assert!(told.starts_with("cannot connect to database \""), "{told}");
    }
}

#[test]
fn the_first_server_that_answers_is_taken() {
    let port = server().port();
    let url = format!(
        "postgres://app:se%3Acret@127.0.0.1:1,127.0.0.1:{port}/postgres?application_name=me&options=-c%20work_mem%3D7MB"
    );
    let mut client = connect(&url).unwrap_or_else(|error| panic!("{error}"));
    let query = "select current_setting('application_name') || current_setting('work_mem')";
    assert_eq!(client.query_one(query, &[]).unwrap().get::<_, &str>(0), "me7MB");
}
