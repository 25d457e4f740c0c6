//! The one connection that applies, and the lock that keeps others from applying meanwhile.

use std::time::{Duration, Instant};

use ordain_introspect::connect::Target;
use postgres::Client;

use crate::{ApplyError, Event, stop::Stop};

/// "ordain" in ASCII. Advisory locks are per database, so one constant is enough.
const KEY: i64 = i64::from_be_bytes(*b"\0\0ordain");
const POLL: Duration = Duration::from_millis(200);

/// Limits that a role may have for its applications would only hurt here.
const SETTINGS: &str = "\
set statement_timeout = 0;
set idle_in_transaction_session_timeout = 0;
set client_min_messages = warning";

/// Connects and takes the lock, waiting up to `wait` for whoever has it.
pub(crate) fn open(
    target: &Target,
    wait: Duration,
    stop: &Stop,
    progress: &mut dyn FnMut(Event),
) -> Result<Client, ApplyError> {
    let mut client = target.connect()?;
    stop.set(Some(client.cancel_token()));
    client.batch_execute(SETTINGS).map_err(failed("the session's settings"))?;
    let standby = "select pg_catalog.pg_is_in_recovery()";
    if client.query_typed_one(standby, &[]).map_err(failed("the first question"))?.get(0) {
        return Err(ApplyError::Standby { target: target.to_string() });
    }
    lock(&mut client, wait, stop, progress)?;
    Ok(client)
}

fn lock(
    client: &mut Client,
    wait: Duration,
    stop: &Stop,
    progress: &mut dyn FnMut(Event),
) -> Result<(), ApplyError> {
    let start = Instant::now();
    let mut told = false;
    let query = format!("select pg_catalog.pg_try_advisory_lock({KEY})");
    loop {
        if client.query_typed_one(&query, &[]).map_err(failed("the advisory lock"))?.get(0) {
            return Ok(());
        }
        let holder = holder(client)?;
        if start.elapsed() >= wait || stop.wanted() {
            return Err(ApplyError::Busy { holder });
        }
        if !told {
            progress(Event::Waiting { holder });
            told = true;
        }
        stop.sleep(POLL);
    }
}

/// "process 4711 of role app (ordain) since 2026-01-01 12:00:00+00".
fn holder(client: &mut Client) -> Result<String, ApplyError> {
    let query = format!(
        "select l.pid::text, a.usename::text, a.application_name, a.backend_start::timestamptz(0)::text
         from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
         where l.locktype = 'advisory' and l.granted and l.objsubid = 1
           and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
           and (l.classid::int8 << 32 | l.objid::int8) = {KEY}"
    );
    let row = client.query_typed_opt(&query, &[]).map_err(failed("the advisory lock's holder"))?;
    let Some(row) = row else { return Ok("it ended just now".into()) };
    let part = |i: usize| row.get::<_, Option<String>>(i).unwrap_or_else(|| "?".into());
    Ok(format!("process {} of role {} ({}) since {}", part(0), part(1), part(2), part(3)))
}

/// For `map_err`: the server refused `what`.
pub(crate) fn failed(what: &'static str) -> impl FnOnce(postgres::Error) -> ApplyError {
    move |source| ApplyError::Server { what, source }
}
