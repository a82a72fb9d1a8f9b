//! Stand-in for ureq 2, as far as hf-hub 0.1 to 0.3 use it.
//!
//! These versions have no endpoint setting, so the real ureq could only be led to loopback by
//! faking DNS and a certificate. What is asked here is what the crate hands over as header, and that
//! is decided before ureq: `set` keeps it, `call` fails without a connection.

use std::fmt;
use std::io::{self, Read};
use std::sync::Mutex;

/// The Authorization value of the last call.
pub static AUTHORIZATION: Mutex<Option<String>> = Mutex::new(None);

#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection in this stand-in")
    }
}

impl std::error::Error for Error {}

#[derive(Clone)]
pub struct Agent;

impl Agent {
    pub fn get(&self, _url: &str) -> Request {
        Request(None)
    }
}

pub struct AgentBuilder;

pub fn builder() -> AgentBuilder {
    AgentBuilder
}

impl AgentBuilder {
    pub fn redirects(self, _n: u32) -> Self {
        self
    }
    pub fn build(self) -> Agent {
        Agent
    }
}

pub struct Request(Option<String>);

impl Request {
    pub fn set(mut self, name: &str, value: &str) -> Self {
        if name.eq_ignore_ascii_case("authorization") {
            self.0 = Some(value.to_string());
        }
        self
    }
    pub fn call(self) -> Result<Response, Error> {
        *AUTHORIZATION.lock().expect("one thread") = self.0;
        Err(Error)
    }
}

/// Never made: `call` fails.
pub enum Response {}

impl Response {
    pub fn header(&self, _name: &str) -> Option<&str> {
        match *self {}
    }
    pub fn status(&self) -> u16 {
        match *self {}
    }
    pub fn into_reader(self) -> Box<dyn Read + Send + Sync> {
        match self {}
    }
    pub fn into_json<T: serde::de::DeserializeOwned>(self) -> io::Result<T> {
        match self {}
    }
}
