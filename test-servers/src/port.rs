//! Free ports of 127.0.0.1.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ServerError;

/// Where ports are looked for: below the range from which the kernel takes the local ports of outgoing connections, so that no
/// client takes a server's port between its kill and its restart.
const FIRST: u32 = 15_000;
const COUNT: u32 = 17_000;

/// How many ports of the range are tried before the kernel is asked for any.
const ATTEMPTS: u32 = 200;

/// A port that nobody listens on at this moment. Somebody may take it before the server does: whoever starts a server tries
/// again with another port then.
pub(crate) fn free_port() -> Result<u16, ServerError> {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    // Test binaries start within the same millisecond; process id and call count keep their first choices apart.
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos());
    let seed = nanos
        .wrapping_add(std::process::id().wrapping_mul(7_919))
        .wrapping_add(CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(104_729));
    for attempt in 0..ATTEMPTS {
        let candidate = FIRST + seed.wrapping_add(attempt.wrapping_mul(37)) % COUNT;
        if let Ok(port) = u16::try_from(candidate)
            && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
        {
            return Ok(port);
        }
    }
    let action = "find a free port of 127.0.0.1";
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ServerError::io(action))?;
    Ok(listener
        .local_addr()
        .map_err(ServerError::io(action))?
        .port())
}
