//! `probe-hf-hub-0-5 VERSION new|from-env ENDPOINT`: one call of the real crate against loopback.
//!
//! Prints `{"resolved": hex|null, "error": null|"panic"}`: `resolved` is the token of the crate's own
//! getter, which also tells a value that ureq refuses. What was sent is for the server to say.

use std::panic::catch_unwind;

macro_rules! ask {
    ($hf:ident, $from_env:expr, $endpoint:expr) => {{
        use $hf::api::sync::ApiBuilder;
        let (builder, cache) = if $from_env {
            (ApiBuilder::from_env(), $hf::Cache::from_env())
        } else {
            (ApiBuilder::new(), $hf::Cache::default())
        };
        let api = builder.with_endpoint($endpoint.to_string()).build().expect("built");
        let _ = api.model("org/name".to_string()).info();
        cache.token()
    }};
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, version, constructor, endpoint] = args.as_slice() else {
        panic!("usage: probe-hf-hub-0-5 VERSION new|from-env ENDPOINT");
    };
    let from_env = constructor == "from-env";
    let result = catch_unwind(|| match version.as_str() {
        "0.4.3" => ask!(hf04, from_env, endpoint),
        "0.5.0" => ask!(hf05, from_env, endpoint),
        other => {
            eprintln!("unknown version {other}");
            std::process::exit(2);
        }
    });
    let (resolved, error) = match result {
        Ok(token) => (token, "null"),
        Err(_) => (None, "\"panic\""),
    };
    let hex = match resolved {
        Some(t) => format!("\"{}\"", t.bytes().map(|b| format!("{b:02x}")).collect::<String>()),
        None => "null".to_string(),
    };
    println!("{{\"resolved\": {hex}, \"error\": {error}}}");
}
