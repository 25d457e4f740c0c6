//! Faults: afterwards the database is as before, or at a boundary that `--resume` continues from.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod support;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use ordain_apply::{ApplyError, ApplyOptions, apply};
use ordain_model::{Plan, PlanStep};
use ordain_tests::{
    Server,
    server::{Options, shared},
};
use support::*;

/// A step during which something can happen.
fn slow() -> PlanStep {
    create("function public.g()", &format!("{G}; SELECT pg_sleep(1.5)"))
}

/// Runs `what` while the second step is under way.
fn meanwhile(url: &str, plan: &Plan, what: impl FnOnce() + Send) -> Result<(), ApplyError> {
    let (send, receive) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        let work = scope.spawn(move || {
            apply(url, plan, &quick(), &mut |event| {
                let _ = send.send(format!("{event:?}"));
            })
        });
        while !receive.recv().is_ok_and(|event| event.contains("id: 2,")) {}
        thread::sleep(Duration::from_millis(200));
        what();
        work.join().unwrap().map(|_| ())
    })
}

#[test]
fn the_server_is_killed_in_the_middle() {
    let mut server = Server::start(&Options::default());
    let plan = plan(&server, "", &[&[f(), slow()]]);
    server.admin("create database victim");
    let url = server.url("victim");
    let error = meanwhile(&url, &plan, || server.kill()).unwrap_err();
    assert!(matches!(error, ApplyError::ConnectionLost { .. }), "{error}");
    assert!(error.to_string().ends_with("nothing was changed"), "{error}");
    server.start_again();
    let outcome = run(&url, &plan, &quick()).0.unwrap();
    assert_eq!(outcome.groups, 1);
}

#[test]
fn the_backend_is_terminated_in_the_middle() {
    let database = shared().database();
    let plan = plan(shared(), "", &[&[f(), slow()]]);
    let error = meanwhile(&database.url(), &plan, || {
        database.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where application_name = 'ordain' and datname = current_database()",
        );
    })
    .unwrap_err();
    // between two statements there is nobody to whom the server could say why
    let error = error.to_string();
    let said = error.contains("terminating connection due to administrator");
    assert!(said || error.contains("connection was lost"), "{error}");
    assert!(error.contains("nothing was changed"), "{error}");
    assert_eq!(functions(&database), "");
    run(&database.url(), &plan, &quick()).0.unwrap();
    assert_eq!(functions(&database), "f,g");
}

#[test]
fn ctrl_c_cancels_and_takes_back() {
    static CANCEL: AtomicBool = AtomicBool::new(false);
    let database = shared().database();
    let long = create("function public.g()", "SELECT pg_sleep(60) /* only in the test */");
    let plan = plan(shared(), "", &[&[f(), long]]);
    let press = thread::spawn(|| {
        thread::sleep(Duration::from_millis(600));
        CANCEL.store(true, Ordering::SeqCst);
    });
    let start = std::time::Instant::now();
    let options = ApplyOptions { cancel: Some(&CANCEL), ..quick() };
    let error = run(&database.url(), &plan, &options).0.unwrap_err();
    assert_eq!(error.to_string(), "interrupted; nothing was changed");
    assert!(start.elapsed() < Duration::from_secs(10));
    press.join().unwrap();
    assert_eq!(functions(&database), "");
}

/// Started by the tests below in a process of its own, to be killed.
#[test]
#[ignore = "the other half of other tests"]
fn child() {
    let (Ok(url), Ok(plan)) = (std::env::var("CHILD_URL"), std::env::var("CHILD_PLAN")) else {
        return;
    };
    let plan: Plan = serde_json::from_str(&std::fs::read_to_string(plan).unwrap()).unwrap();
    let pause = std::env::var("CHILD_PAUSE").is_ok();
    let _ = apply(&url, &plan, &quick(), &mut |event| {
        println!("{event:?}");
        if pause && format!("{event:?}").starts_with("Committed") {
            thread::sleep(Duration::from_secs(60));
        }
    });
}

/// Runs the child, kills it when it says `word`.
fn killed_at(url: &str, plan: &Plan, word: &str, pause: bool) {
    let file = std::env::temp_dir().join(format!("ordain-plan-{}-{word}.json", std::process::id()));
    std::fs::write(&file, serde_json::to_string(plan).unwrap()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--ignored", "--nocapture"]);
    command.env("CHILD_URL", url).env("CHILD_PLAN", &file);
    if pause {
        command.env("CHILD_PAUSE", "1");
    }
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    let mut out = child.stdout.take().unwrap();
    let mut buffer = [0; 256];
    while !told.contains(word) {
        let n = out.read(&mut buffer).unwrap();
        assert!(n > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    thread::sleep(Duration::from_millis(200));
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(file).unwrap();
}

fn wait_until_nobody(database: &ordain_tests::Database) {
    for _ in 0..200 {
        let left = "select count(*) from pg_stat_activity where application_name = 'ordain' and datname = current_database()";
        if database.value(left) == "0" {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("a backend of the killed apply is still there");
}

#[test]
fn apply_is_killed_inside_a_group() {
    let database = shared().database();
    let plan = plan(shared(), "", &[&[f(), slow()]]);
    killed_at(&database.url(), &plan, "id: 2,", false);
    wait_until_nobody(&database);
    assert_eq!(functions(&database), "");
    nobody_is_left(&database);
    run(&database.url(), &plan, &quick()).0.unwrap();
}

#[test]
fn apply_is_killed_between_two_groups() {
    let database = shared().database();
    let plan = plan(shared(), "", &[&[f()], &[g()]]);
    killed_at(&database.url(), &plan, "Committed", true);
    wait_until_nobody(&database);
    assert_eq!(functions(&database), "f");
    let resume = ApplyOptions { resume: true, ..quick() };
    let outcome = run(&database.url(), &plan, &resume).0.unwrap();
    assert_eq!((outcome.already_done, outcome.groups), (1, 1));
    assert_eq!(functions(&database), "f,g");
}

/// What the proxy does with a COMMIT, the first time.
#[derive(Clone, Copy, PartialEq)]
enum Loses {
    /// The server commits, and its answer is lost.
    Answer,
    /// The server never hears of it.
    Commit,
    /// The server commits, and is out of reach from then on.
    Everything,
}

/// Passes everything on to `port` but breaks the connection at the first COMMIT.
fn proxy(port: u16, loses: Loses) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let broken = Arc::new(AtomicUsize::new(0));
    let count = broken.clone();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, count) = (client.unwrap(), count.clone());
            thread::spawn(move || serve(client, port, loses, &count));
        }
    });
    (own, broken)
}

fn serve(mut client: TcpStream, port: u16, loses: Loses, broken: &AtomicUsize) {
    if loses == Loses::Everything && broken.load(Ordering::SeqCst) > 0 {
        return;
    }
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let deaf = Arc::new(AtomicBool::new(false));
    let back = {
        let (mut server, mut client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let deaf = deaf.clone();
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n) = server.read(&mut buffer) {
                if n == 0 || deaf.load(Ordering::SeqCst) || client.write_all(&buffer[..n]).is_err()
                {
                    break;
                }
            }
            let _ = client.shutdown(std::net::Shutdown::Both);
        })
    };
    let mut buffer = [0; 8192];
    while let Ok(n) = client.read(&mut buffer) {
        if n == 0 {
            break;
        }
        let is_commit = buffer[..n].windows(7).any(|w| w == b"COMMIT\0");
        if is_commit && broken.fetch_add(1, Ordering::SeqCst) == 0 {
            if loses != Loses::Commit {
                deaf.store(true, Ordering::SeqCst);
                server.write_all(&buffer[..n]).unwrap();
                back.join().unwrap();
            }
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = server.shutdown(std::net::Shutdown::Both);
            return;
        }
        if server.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
}

#[test]
fn the_answer_to_a_commit_is_lost() {
    let server = Server::start(&Options { tcp: true, ..Options::default() });
    server.admin("alter role postgres password 'secret'");
    for loses in [Loses::Answer, Loses::Commit] {
        let database = server.database();
        let plan = plan(&server, "", &[&[f()], &[g()]]);
        let (port, broken) = proxy(server.port(), loses);
        let url = format!("postgres://postgres:secret@127.0.0.1:{port}/{}", database.name());
        let (result, heard) = run(&url, &plan, &quick());
        let outcome = result.unwrap();
        assert_eq!((outcome.groups, functions(&database).as_str()), (2, "f,g"));
        assert_eq!(heard.iter().filter(|event| *event == "Reconnecting").count(), 1);
        // A COMMIT that the server never heard of is sent again.
        assert_eq!(heard.contains(&"Retry".to_owned()), loses == Loses::Commit);
        assert!(broken.load(Ordering::SeqCst) >= 2);
    }
}

#[test]
fn a_server_out_of_reach_after_a_commit_leaves_the_question_to_resume() {
    let server = Server::start(&Options { tcp: true, ..Options::default() });
    server.admin("alter role postgres password 'secret'");
    let database = server.database();
    let plan = plan(&server, "", &[&[f()], &[g()]]);
    let (port, _) = proxy(server.port(), Loses::Everything);
    let url = format!("postgres://postgres:secret@127.0.0.1:{port}/{}", database.name());
    let options = ApplyOptions { reconnect: Duration::from_secs(1), ..quick() };
    let error = run(&url, &plan, &options).0.unwrap_err();
    assert!(matches!(error, ApplyError::Unknown { group: 1, .. }), "{error}");
    assert!(error.advice()[0].contains("--resume"));
    assert!(!error.to_string().contains("secret"), "{error}");
    let resume = ApplyOptions { resume: true, ..quick() };
    let outcome = run(&database.url(), &plan, &resume).0.unwrap();
    assert_eq!((outcome.already_done, outcome.groups), (1, 1));
}
