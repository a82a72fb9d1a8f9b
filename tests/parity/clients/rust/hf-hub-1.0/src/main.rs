//! `probe-hf-hub-1-0 ENDPOINT`: one call of the real crate against loopback.
//!
//! Prints `{"error": null|"Variant"}`: the variant of HFError when the constructor fails in this
//! environment. What was sent is for the server to say. HF_ENDPOINT of the environment counts for the
//! constructor's own check; the call then goes to ENDPOINT, with every other variable as it was.

use hf_hub::{HFClient, HFError};

fn main() {
    let endpoint = std::env::args().nth(1).expect("usage: probe-hf-hub-1-0 ENDPOINT");
    let error = match HFClient::new() {
        Ok(_) => "null".to_string(),
        // Debug of an enum starts with the variant's name.
        Err(e) => format!("\"{}\"", variant(&e)),
    };
    println!("{{\"error\": {error}}}");
    if error != "null" {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = HFClient::builder().endpoint(endpoint).retry_max_attempts(0).build().expect("built once already");
        let _ = client.model("org", "name").info().send().await;
    });
}

fn variant(e: &HFError) -> String {
    format!("{e:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}
