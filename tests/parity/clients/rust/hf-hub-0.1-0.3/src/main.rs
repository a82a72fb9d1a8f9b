//! `probe-hf-hub-0-3 VERSION`: one call of the real crate; prints `{"header": hex|null, "error": null|"panic"}`.

use std::panic::catch_unwind;

fn ask(version: &str) {
    match version {
        "0.1.3" => {
            let api = hf01::api::sync::Api::new().expect("built");
            let _ = api.info(&hf01::Repo::model("org/name".to_string()));
        }
        "0.2.0" => {
            let api = hf02::api::sync::Api::new().expect("built");
            let _ = api.model("org/name".to_string()).info();
        }
        "0.3.2" => {
            let api = hf03::api::sync::Api::new().expect("built");
            let _ = api.model("org/name".to_string()).info();
        }
        other => {
            eprintln!("unknown version {other}");
            std::process::exit(2);
        }
    }
}

fn main() {
    let version = std::env::args().nth(1).unwrap_or_default();
    let error = match catch_unwind(|| ask(&version)) {
        Ok(()) => "null",
        Err(_) => "\"panic\"",
    };
    let header = match ureq::AUTHORIZATION.lock().expect("one thread").take() {
        Some(v) => format!("\"{}\"", v.bytes().map(|b| format!("{b:02x}")).collect::<String>()),
        None => "null".to_string(),
    };
    println!("{{\"header\": {header}, \"error\": {error}}}");
}
