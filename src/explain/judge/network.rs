//! Between here and the hub: certificates, proxies, mirrors, servers that fail.

use super::super::board::Board;
use super::super::texts::Says as S;
use super::Case;

const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];
const BUNDLES: [&str; 4] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"];

/// What failed between here and the hub.
pub(super) fn judge(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    let proxy = here.variable(&PROXIES);
    let bundle = here.finding("HF505").map(|f| f.locations.clone()).unwrap_or_default();
    let endpoint = here.variable(&["HF_ENDPOINT"]);
    let answered = case.says(&[
        S::Refused,
        S::AnonymousOrMissing,
        S::GatedAnonymous,
        S::NotAuthorized,
        S::Pending,
        S::Scope,
        S::Namespace,
        S::Expired,
    ]);
    let of = |score: u32| if answered { score / 2 } else { score };
    if case.says(&[S::Tls]) {
        board.add("tls-proxy", of(96), "the connection is intercepted or the certificates are not found: a firewall, a proxy or a bundle variable; not the token, and a clock that is wrong looks alike").at(&bundle).at(&proxy).at(&here.variable(&BUNDLES)).rules(&["HF505", "HF504"]).help("export SSL_CERT_FILE=/path/of/the/company/ca.pem REQUESTS_CA_BUNDLE=/path/of/the/company/ca.pem", "huggingface_hub from 1.0 on reads the first, older ones the second");
    }
    if case.says(&[S::Proxy]) {
        board
            .add(
                "tls-proxy",
                of(97),
                "the proxy refuses or cannot be used: its address, its scheme, or its own password; not the token",
            )
            .at(&proxy)
            .rules(&["HF504"])
            .help("env | grep -i _proxy", "shows the settings, in both spellings");
    }
    // What a class of errors wraps may be the hub's answer, which then counts alone.
    let wrapped = case.says(&[S::Wrapped]) && case.request.status.is_none_or(|s| !(400..500).contains(&s));
    // A session that was refused was reached.
    let transfer = case.says(&[S::Xet]) && !case.says(&[S::XetSession]);
    if case.says(&[S::Connection]) || wrapped || transfer {
        let mirror = here.finding("HF305").or_else(|| here.finding("HF508"));
        if let Some(found) = mirror {
            board
                .add("endpoint-mirror", of(90), "HF_ENDPOINT names a server that does not answer")
                .at(&found.locations)
                .rules(&["HF305"])
                .help("unset HF_ENDPOINT", "then the hub itself is asked");
        } else if endpoint.is_some() || !super::is_hub(case.host()) {
            // The length of a file that was told and the one that came are both the mirror's.
            let lengths = case.hits.iter().any(|h| h.text.pieces[0].starts_with("consistency check"));
            board
                .add(
                    "endpoint-mirror",
                    of(if lengths { 88 } else { 84 }),
                    "the requests go to another server than huggingface.co, and it does not answer, or not with what it told",
                )
                .at(&endpoint)
                .rules(&["HF305"])
                .help("unset HF_ENDPOINT", "then the hub itself is asked");
        }
        let score = if here.finding("HF504").is_some() {
            92
        } else if proxy.is_some() {
            90
        } else {
            62
        };
        board.add("tls-proxy", of(score), "a proxy or firewall stands between; huggingface_hub 1.0 went from requests to httpx, which reads other certificate variables").at(&proxy).rules(&["HF504"]).help("env | grep -i _proxy", "shows the settings, in both spellings");
        board
            .add("network", of(85), "the hub was not reached: no name, no route, or no answer in time; not the token")
            .help("curl -sI https://huggingface.co", "tells whether it can be reached");
        if super::is_hub(case.host()) {
            board
                .add("server-side", of(50), "the hub, or the storage behind it, may not answer anybody for a while")
                .help("open https://status.huggingface.co", "says whether it is known");
        }
    }
    // A page in place of a file is no connection that broke, which is what the client takes it for.
    let page = case.request.page.is_some();
    if case.says(&[S::OtherServer]) || page {
        let (slug, score) = if endpoint.is_some() || !super::is_hub(case.host()) {
            ("endpoint-mirror", 96)
        } else {
            ("tls-proxy", if page { 90 } else { 84 })
        };
        board
            .add(slug, of(score), "something else than the hub answered: a mirror, a proxy, a page of a firewall")
            .at(&endpoint)
            .at(&proxy)
            .rules(&["HF305"])
            .help("curl -sI https://huggingface.co", "shows who answers");
        if slug == "tls-proxy" {
            board
                .add("endpoint-mirror", of(70), "a mirror that leaves out the hub's headers looks like this")
                .help("unset HF_ENDPOINT", "then the hub itself is asked");
        }
    }
    if case.says(&[S::Server]) {
        // The inference service says of a token without its permission what it said of all of them on a bad day.
        let inference = case.hits.iter().any(|h| h.text.id == "E12");
        if inference {
            board
                .add("token-scope", 80, "the inference service takes only tokens with its permission: a fine-grained one needs \"Make calls to Inference Providers\"")
                .help("open https://huggingface.co/settings/tokens", "edit the token's permissions");
        }
        board
            .add("server-side", of(84), "the server failed: not the token, and nothing here")
            .help("open https://status.huggingface.co", "says whether it is known");
    }
    if case.says(&[S::NoProvider]) {
        board
            .add("server-side", 86, "no inference provider serves this model for this task, or none that the account has switched on: the token was taken")
            .help("open https://huggingface.co/settings/inference-providers", "shows which are on; the model's page says which serve it");
        board
            .add("wrong-repo-id", 76, "the model is not one that is served: another name, or another task, is")
            .help("open https://huggingface.co/models?inference_provider=all", "lists those that are served");
    }
    if case.says(&[S::Disabled]) {
        board
            .add("server-side", 86, "the repository was switched off by the hub")
            .help("open https://huggingface.co", "its page says why");
    }
    if case.says(&[S::XetSession]) {
        board
            .add(
                "server-side",
                66,
                "the storage behind the hub refused a session of its own: it may be gone with the next attempt",
            )
            .help("open https://status.huggingface.co", "says whether it is known");
    }
    if case.says(&[S::Credits]) {
        board
            .add("server-side", 84, "402: the token is good, and its account has no credits left for this service")
            .help("open https://huggingface.co/settings/billing", "shows what was used; or act as another account");
        board
            .add("wrong-account", 60, "another account, or its organization, was to pay")
            .help("hf auth whoami", "shows whose token is sent");
    }
    if case.says(&[S::Quota]) {
        board
            .add("server-side", 94, "the token is good, and the storage of its account, or of the organization, is full by the hub's count: no other token helps")
            .help("open https://huggingface.co/settings/billing", "shows what is stored; old files count until the history is squashed");
    }
    if case.says(&[S::Taken]) {
        board
            .add(
                "wrong-repo-id",
                90,
                "a repository of this name is there already: the token is good, and the name has to be another",
            )
            .help("hf repo list", "lists your own");
        board
            .add(
                "app-bug",
                66,
                "the program makes its repository without `exist_ok=True`, or in several processes at once",
            )
            .help("hf repo list", "tells whether it was made all the same");
    }
    if case.says(&[S::RateOfAccount]) {
        board
            .add(
                "server-side",
                90,
                "too many requests: a token arrived, and the limit of its account is reached, not of this machine",
            )
            .help(
                "hf auth whoami",
                "shows whose limit it is; what is in the cache needs no request with HF_HUB_OFFLINE=1",
            );
    } else if case.says(&[S::Rate, S::RateOfIp]) {
        // Who asks for whoami has sent a token.
        let sent = here.sent().is_some() || case.request.marks.whoami;
        board
            .add(
                "server-side",
                of(if sent && !case.says(&[S::RateOfIp]) { 84 } else { 58 }),
                "too many requests: without a token the limits are lower, and those of whoami are strict",
            )
            .help("hflint status", "shows whether a token is sent");
    }
}
