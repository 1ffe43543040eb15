//! As much of a PostgreSQL client as these tests need: one statement at a time, values as text.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PROTOCOL_3: u32 = 196_608;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects to the database `postgres` as `postgres`.
    pub(crate) fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut client = Self {
            stream: BufReader::new(stream),
        };
        let mut startup = PROTOCOL_3.to_be_bytes().to_vec();
        startup.extend_from_slice(b"user\0postgres\0database\0postgres\0\0");
        client.send(None, &startup)?;
        client.rows_until_ready()?;
        Ok(client)
    }

    /// The first column of every row; an error the server reports is an error here.
    pub(crate) fn query(&mut self, sql: &str) -> io::Result<Vec<String>> {
        self.send(Some(b'Q'), format!("{sql}\0").as_bytes())?;
        self.rows_until_ready()
    }

    fn send(&mut self, kind: Option<u8>, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(body);
        self.stream.get_mut().write_all(&message)
    }

    fn rows_until_ready(&mut self) -> io::Result<Vec<String>> {
        let mut rows = Vec::new();
        loop {
            let mut head = [0; 5];
            self.stream.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let mut body = vec![0; length - 4];
            self.stream.read_exact(&mut body)?;
            match head[0] {
                b'D' => {
                    // Number of columns, length of the first one, its text.
                    let first = u32::from_be_bytes([body[2], body[3], body[4], body[5]]) as usize;
                    rows.push(String::from_utf8_lossy(&body[6..6 + first]).into_owned());
                }
                b'E' => {
                    return Err(io::Error::other(
                        String::from_utf8_lossy(&body).replace('\0', " "),
                    ));
                }
                b'Z' => return Ok(rows),
                _ => {}
            }
        }
    }
}
