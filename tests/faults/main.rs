//! What can break while a plan is applied. Afterwards the database is as before, or at a boundary from which `--resume`
//! goes on; never between.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod proxy;
mod scene;

use std::time::Duration;

use ordain_tests::{Server, server::Options};
use proxy::Proxy;
use scene::{ONE_GROUP, Scene, TWO_GROUPS};

#[test]
fn a_server_that_dies_rolls_back() {
    let mut server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    let before = scene.state();
    let blocker = scene.hold_lock();
    let apply = scene.start(&["--lock-timeout", "60s"]);
    scene.wait_until_blocked();
    let parts = scene.leave();
    server.kill();
    let run = apply.finish();
    assert_eq!(run.code, 1, "{}", run.told());
    drop(blocker);
    server.start_again();
    let scene = Scene::back(&server, parts);
    assert_eq!(scene.state(), before);
    scene.apply(&[]).expect(0);
    scene.is_done();
}

#[test]
fn an_apply_that_is_killed_inside_a_group_leaves_nothing() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    let before = scene.state();
    let blocker = scene.hold_lock();
    let apply = scene.start(&["--lock-timeout", "60s"]);
    scene.wait_until_blocked();
    apply.kill();
    drop(blocker);
    scene.wait_until_alone();
    assert_eq!(scene.state(), before);
    scene.apply(&[]).expect(0);
    scene.is_done();
}

#[test]
fn an_apply_that_is_killed_between_groups_is_resumed() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &TWO_GROUPS);
    let blocker = scene.hold_lock();
    let apply = scene.start(&["--lock-timeout", "60s"]);
    scene.wait_until_blocked();
    apply.kill();
    drop(blocker);
    scene.wait_until_alone();
    // The label is committed, what uses it is not.
    assert_eq!(
        scene.database().value("SELECT count(*) FROM pg_enum WHERE enumlabel = 'fresh'"),
        "1"
    );
    assert_eq!(scene.database().value("SELECT to_regclass('public.audit') IS NULL"), "t");
    let refused = scene.apply(&[]).expect(3);
    assert!(refused.stderr.contains("--resume"), "{}", refused.told());
    scene.apply(&["--resume"]).expect(0);
    scene.is_done();
}

#[test]
fn an_interrupt_rolls_back_and_says_so() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    let before = scene.state();
    let blocker = scene.hold_lock();
    let apply = scene.start(&["--lock-timeout", "60s"]);
    scene.wait_until_blocked();
    apply.interrupt();
    let run = apply.finish();
    assert!(run.code != 0, "{}", run.told());
    drop(blocker);
    scene.wait_until_alone();
    assert_eq!(scene.state(), before);
}

#[test]
fn a_commit_whose_reply_is_lost_is_found_out() {
    let server = Server::start(&Options::default());
    // The only COMMIT; the first of two; the last of two.
    for (input, which) in [(&ONE_GROUP, 1), (&TWO_GROUPS, 1), (&TWO_GROUPS, 2)] {
        let scene = Scene::new(&server, input);
        let proxy = Proxy::start(&server, which);
        let run = scene.apply_to(&proxy.url(scene.database()), &[]);
        assert!(proxy.has_cut(), "no COMMIT number {which} was seen: {}", run.told());
        // It asks the database what became of it, and goes on.
        assert!(run.stderr.contains("connecting again"), "{}", run.told());
        run.expect(0);
        scene.wait_until_alone();
        scene.is_done();
        scene.apply(&["--resume"]).expect(0);
    }
}

#[test]
fn a_lock_held_by_another_is_waited_for_and_then_given_up() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    let before = scene.state();
    let blocker = scene.hold_lock();
    let run = scene.apply(&["--lock-timeout", "100ms"]);
    assert_eq!(run.code, 1, "{}", run.told());
    assert!(run.stderr.contains("lock"), "{}", run.told());
    assert_eq!(scene.state(), before);
    let apply = scene.start(&["--lock-timeout", "1s"]);
    scene.wait_until_blocked();
    std::thread::sleep(Duration::from_millis(1300));
    drop(blocker);
    apply.finish().expect(0);
    scene.is_done();
}

#[test]
fn of_two_applies_at_once_one_does_it() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    let blocker = scene.hold_lock();
    let first = scene.start(&["--lock-timeout", "60s"]);
    scene.wait_until_blocked();
    let second = scene.apply(&["--lock-timeout", "200ms"]);
    assert!(second.code == 1 || second.code == 3, "{}", second.told());
    assert!(second.stderr.contains("another"), "{}", second.told());
    drop(blocker);
    first.finish().expect(0);
    scene.is_done();
    let third = scene.apply(&[]).expect(3);
    assert!(third.stderr.contains("already"), "{}", third.told());
}

#[test]
fn a_precheck_of_the_second_group_stops_the_first() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &TWO_GROUPS);
    scene.database().execute("INSERT INTO ticket VALUES (-5, 'open')");
    let before = scene.state();
    let run = scene.apply(&[]);
    assert_eq!(run.code, 3, "{}", run.told());
    assert!(run.stderr.contains("1 row"), "{}", run.told());
    assert_eq!(scene.state(), before);
}

#[test]
fn a_statement_that_fails_last_takes_all_back() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    scene.database().execute("INSERT INTO ticket VALUES (0, 'open')");
    let before = scene.state();
    let run = scene.apply(&[]);
    assert_eq!(run.code, 1, "{}", run.told());
    assert!(
        run.stderr.contains("division by zero") && run.stderr.contains("CREATE INDEX"),
        "{}",
        run.told()
    );
    assert_eq!(scene.state(), before);
}

#[test]
fn a_statement_that_fails_in_the_second_group_is_resumed_from_the_boundary() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &TWO_GROUPS);
    scene.database().execute("INSERT INTO ticket VALUES (0, 'open')");
    let run = scene.apply(&[]);
    assert_eq!(run.code, 1, "{}", run.told());
    assert!(run.stderr.contains("--resume"), "{}", run.told());
    scene.database().execute("DELETE FROM ticket WHERE id = 0");
    scene.apply(&["--resume"]).expect(0);
    scene.is_done();
}

#[test]
fn an_end_that_is_not_the_desired_one_is_not_committed() {
    let server = Server::start(&Options::default());
    let scene = Scene::new(&server, &ONE_GROUP);
    // An event trigger, which the desired state has too, adds to what is created.
    let meddler = "CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
           IF to_regclass('public.audit') IS NOT NULL AND to_regclass('public.surprise') IS NULL THEN CREATE TABLE public.surprise (); END IF; END $$;
         CREATE EVENT TRIGGER meddle ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION meddle()";
    scene.database().execute(meddler);
    scene.wants_too(meddler);
    let scene = scene.planned_again();
    let before = scene.state();
    let run = scene.apply(&[]);
    assert!(run.code == 1 || run.code == 3, "{}", run.told());
    assert!(run.stderr.contains("table public.surprise"), "{}", run.told());
    assert!(run.stderr.contains("nothing was changed"), "{}", run.told());
    assert_eq!(scene.state(), before);
}

#[test]
fn a_full_disk_takes_all_back() {
    let server = Server::start(&Options { file_limit: Some(24 * 1024), ..Options::default() });
    let scene = Scene::new(&server, &scene::LARGE);
    let before = scene.state();
    let run = scene.apply(&[]);
    assert_eq!(run.code, 1, "{}", run.told());
    assert!(run.stderr.contains("could not"), "{}", run.told());
    scene.wait_until_alone();
    assert_eq!(scene.state(), before);
}

#[test]
fn a_dry_run_changes_nothing() {
    let server = Server::start(&Options::default());
    for input in [&ONE_GROUP, &TWO_GROUPS] {
        let scene = Scene::new(&server, input);
        let before = scene.state();
        scene.apply(&["--dry-run"]).expect(0);
        assert_eq!(scene.state(), before);
        scene.apply(&[]).expect(0);
        scene.is_done();
    }
}
