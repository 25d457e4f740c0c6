//! Numbers as people read them.

use ordain_model::Size;

/// `1,234,567`.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// Powers of 1024, one decimal: `3.4 MB`, as PostgreSQL's `pg_size_pretty` names them.
pub fn bytes(n: i64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// `about 1,200 rows, 3.4 MB`; only the bytes where the table was never analysed.
pub fn size(size: Size) -> String {
    if size.rows < 0 {
        bytes(size.bytes)
    } else {
        format!("about {}, {}", count(size.rows, "row"), bytes(size.bytes))
    }
}

/// `1 step`, `2 steps`.
pub fn count(n: i64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(bytes(8192), "8.0 kB");
        assert_eq!(bytes(500), "500 bytes");
        assert_eq!(bytes(3 * 1024 * 1024 * 1024), "3.0 GB");
        assert_eq!(size(Size { rows: -1, bytes: 0 }), "0 bytes");
        assert_eq!(size(Size { rows: 1, bytes: 8192 }), "about 1 row, 8.0 kB");
    }
}
