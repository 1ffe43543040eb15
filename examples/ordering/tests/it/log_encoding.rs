//! Encodings, line endings and compressed forms of one and the same log.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use ordering::log::Log;

use crate::sample::{HEADER, ROW, csv, read, read_file};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes);
    written
        .and_then(|()| encoder.finish())
        .expect("memory takes all bytes")
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1));
    let written = writer.and_then(|mut writer| {
        writer.write_all(bytes)?;
        writer.finish()
    });
    written.expect("memory takes all bytes")
}

fn descriptions(log: &Log) -> Vec<&str> {
    let rows = log.invoices.iter().flat_map(|invoice| &invoice.rows);
    rows.map(|row| &*row.description).collect()
}

fn lines(log: &Log) -> Vec<u64> {
    let rows = log.invoices.iter().flat_map(|invoice| &invoice.rows);
    rows.map(|row| row.line).collect()
}

#[test]
fn all_forms_of_a_file_hold_the_same_rows() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let text = csv(&[ROW, ROW, ROW]);
    let (first, second) = text.as_bytes().split_at(100);
    for (name, bytes) in [
        ("log.csv", text.clone().into_bytes()),
        ("log.csv.gz", gzip(text.as_bytes())),
        ("log.CSV.GZ", gzip(text.as_bytes())),
        ("log.csv.xz", xz(text.as_bytes())),
        // Archives that were appended to one another are one archive.
        ("members.csv.gz", [gzip(first), gzip(second)].concat()),
        ("streams.csv.xz", [xz(first), xz(second)].concat()),
        ("bom.csv", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes)?;
        let log = read_file(&path).map_err(|error| format!("{name}: {error}"))?;
        assert_eq!(lines(&log), [2, 3, 4], "{name}");
        assert_eq!(&*log.invoices[0].rows[0].file, &*path, "{name}");
    }
    Ok(())
}

#[test]
fn each_line_has_its_own_encoding() -> Result<(), Box<dyn Error>> {
    let row = |description: &[u8]| {
        let tail = b",1,2010-12-01 08:26:00,2.55,,EIRE\n";
        [b"536365,22, ".as_slice(), description, tail].concat()
    };
    let bytes = [
        HEADER.as_bytes(),
        b"\n",
        &row("£ in UTF-8".as_bytes()),
        &row(b"\xA3 in ISO-8859-1"),
        &row(b"\xC3\x28 is no UTF-8"),
        &row("ß".as_bytes()),
    ]
    .concat();
    assert_eq!(
        descriptions(&read(bytes)?),
        [" £ in UTF-8", " £ in ISO-8859-1", " Ã( is no UTF-8", " ß"]
    );
    Ok(())
}

#[test]
fn lines_are_counted_through_breaks_blanks_and_carriage_returns() -> Result<(), Box<dyn Error>> {
    let folded = "536365,22,\"two\nlines, \"\"quoted\"\"\",1,2010-12-01 08:26:00,2.55,,EIRE";
    let text = csv(&[ROW, folded, "", "", ROW]);
    let log = read(&text)?;
    assert_eq!(lines(&log), [2, 3, 7]);
    assert_eq!(descriptions(&log)[1], "two\nlines, \"quoted\"");

    let log = read(text.replace('\n', "\r\n"))?;
    assert_eq!(lines(&log), [2, 3, 7]);

    let without_last_line_feed = text.trim_end();
    assert_eq!(lines(&read(without_last_line_feed)?), [2, 3, 7]);
    Ok(())
}

#[test]
fn a_line_longer_than_any_buffer_is_read_whole() -> Result<(), Box<dyn Error>> {
    let long = "ß".repeat(1_000_000);
    let row = format!("536365,22,{long},1,2010-12-01 08:26:00,2.55,,EIRE");
    let log = read(csv(&[&row, ROW]))?;
    assert!(descriptions(&log)[0] == long);
    assert_eq!(lines(&log), [2, 3]);
    Ok(())
}

#[test]
fn values_are_exact() -> Result<(), Box<dyn Error>> {
    let log = read(csv(&[
        "A563187,B,Adjust bad debt,1,2011-08-12 14:52:00,-11062.06,,United Kingdom",
        "C9,m,,-80995,2011-12-09 09:15:59,0.001,16446.0,EIRE",
    ]))?;
    let row = &log.invoices[0].rows[0];
    assert_eq!(row.unit_price_millipounds, -11_062_060);
    assert_eq!(row.customer, None);
    assert_eq!(row.date.to_string(), "2011-08-12T14:52:00");
    let row = &log.invoices[1].rows[0];
    assert_eq!((&*row.stock_code, &*row.description), ("m", ""));
    assert_eq!(row.quantity, -80_995);
    assert_eq!(row.unit_price_millipounds, 1);
    assert_eq!(
        row.customer.as_ref().map(|number| number.as_str()),
        Some("16446")
    );
    assert_eq!(&*row.country, "EIRE");
    Ok(())
}

#[test]
fn a_header_alone_is_a_log_without_rows() -> Result<(), Box<dyn Error>> {
    let log = Log::read_csv(Path::new("new.csv"), HEADER.as_bytes())?;
    assert_eq!((log.rows, log.invoices.len()), (0, 0));
    Ok(())
}
