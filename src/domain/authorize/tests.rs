//! Requests as clients send them, and as nobody should.

mod front_channel;
mod properties;
mod step;

use proptest::prelude::*;

use super::*;
use crate::domain::redirect_uri::{Matching, RegisteredUri};
use crate::http::Params;

const PORTAINER: &str = "https://portainer.company/";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ISS: &str = "https://id.company/application/o/portainer/";

fn registered() -> Vec<RegisteredUri> {
    [PORTAINER, "https://gravitee.company/user/login", "https://app.company/cb?a=b"]
        .into_iter()
        .map(|uri| {
            RegisteredUri::register(Matching::Strict, Purpose::Authorization, ClientType::Confidential, uri).unwrap()
        })
        .chain([RegisteredUri::register(
            Matching::Strict,
            Purpose::Logout,
            ClientType::Confidential,
            "https://portainer.company/bye",
        )
        .unwrap()])
        .collect()
}

/// Parses a query as the confidential client, or as a public one.
fn parse_as(client_type: ClientType, query: &str) -> Result<AuthorizationRequest, Refusal> {
    let (registered, offered) = (registered(), ScopeSet::from_store(scope::DEFAULT_OFFERED));
    let client = ClientFacts {
        client_id: "ID",
        client_type,
        registered: &registered,
        offered: &offered,
        pkce: PkcePolicy::Optional,
        response_types: ResponseTypes::Code,
    };
    parse(&Params::parse(query.as_bytes()), &client)
}

/// A request that is whole, with something added.
fn with(more: &str) -> Result<AuthorizationRequest, Refusal> {
    parse_as(
        ClientType::Confidential,
        &format!("response_type=code&client_id=ID&redirect_uri={PORTAINER}&scope=openid&state=s1{more}"),
    )
}

/// The error code and the state that go back to the client.
fn sent_back(result: Result<AuthorizationRequest, Refusal>) -> (&'static str, Option<String>) {
    match result {
        Err(Refusal::Redirect { to, error, state, description, .. }) => {
            assert!(registered().iter().any(|r| r.uri() == to.as_str()));
            assert!(description.bytes().all(|b| matches!(b, 0x20..=0x7e) && b != b'"' && b != b'\\'), "{description}");
            (error, state)
        }
        other => panic!("not sent back: {other:?}"),
    }
}

fn page(result: Result<AuthorizationRequest, Refusal>) -> PageReason {
    match result {
        Err(Refusal::Page(reason)) => reason,
        other => panic!("not a page: {other:?}"),
    }
}

#[test]
fn portainer_s_request_is_understood() {
    let request = parse_as(
        ClientType::Confidential,
        "response_type=code&client_id=ID&redirect_uri=https://portainer.company/&scope=email%20openid%20profile\
         &state=7f1f2f6e-3a53-4d0e-bd2e-6b6f5a3c9f10",
    )
    .unwrap();
    assert_eq!(request.scope.to_string(), "email openid profile");
    assert_eq!(request.redirect_uri, PORTAINER);
    assert_eq!(request.state.as_deref(), Some("7f1f2f6e-3a53-4d0e-bd2e-6b6f5a3c9f10"));
    assert_eq!(request.response_mode, ResponseMode::Query);
    assert_eq!((&request.nonce, &request.challenge, request.max_age), (&None, &None, None));
}

#[test]
fn gravitee_s_portal_request_keeps_its_state_byte_for_byte() {
    let state = "UkV5fmtMZ2RKQ2tXZ1hqLjFNRkJWWGUtZzNHfk9pV1pQNkJLRTBjMWdlR2dJ";
    let request = parse_as(
        ClientType::Confidential,
        &format!(
            "response_type=code&client_id=ID&state={state}%3B%252Fcatalog&redirect_uri=https%3A%2F%2Fgravitee.company\
             %2Fuser%2Flogin&scope=openid%20profile%20email&code_challenge={CHALLENGE}&code_challenge_method=S256\
             &nonce={state}"
        ),
    )
    .unwrap();
    assert_eq!(request.state, Some(format!("{state};%2Fcatalog")));
    assert_eq!(request.nonce.as_deref(), Some(state));
    assert_eq!(request.challenge.unwrap().as_str(), CHALLENGE);
}

#[test]
fn scopes_with_commas_are_read_and_unknown_ones_remembered() {
    let request = parse_as(
        ClientType::Confidential,
        &format!("response_type=code&client_id=ID&redirect_uri={PORTAINER}&scope=openid,email,made_up+phone+groups"),
    )
    .unwrap();
    assert_eq!(request.scope.to_string(), "openid email groups");
    assert_eq!(request.unknown_scopes, ["made_up", "phone"]);
    // `openid` is not assumed.
    let bare = format!("response_type=code&client_id=ID&redirect_uri={PORTAINER}");
    assert!(parse_as(ClientType::Confidential, &bare).unwrap().scope.is_empty());
}

#[test]
fn the_client_id_is_needed_once() {
    let read = |query: &str| client_id(&Params::parse(query.as_bytes())).map(str::to_owned);
    assert_eq!(read("client_id=ID"), Ok("ID".to_owned()));
    assert_eq!(read("a=b"), Err(PageReason::ClientIdMissing));
    assert_eq!(read("client_id="), Err(PageReason::ClientIdMissing));
    assert_eq!(read("client_id=ID&client_id=ID"), Err(PageReason::ClientIdTwice));
}

#[test]
fn without_a_registered_redirect_uri_nothing_is_sent_anywhere() {
    let ask =
        |uri: &str| page(parse_as(ClientType::Confidential, &format!("response_type=code&client_id=ID&state=s{uri}")));
    assert_eq!(ask(""), PageReason::RedirectUriMissing);
    assert_eq!(ask("&redirect_uri="), PageReason::RedirectUriMissing);
    assert_eq!(ask(&format!("&redirect_uri={PORTAINER}&redirect_uri={PORTAINER}")), PageReason::RedirectUriTwice);
    for uri in ["https://portainer.company", "https://evil.example/", "https://portainer.company/bye"] {
        let received = uri.to_owned();
        assert_eq!(ask(&format!("&redirect_uri={uri}")), PageReason::RedirectUriNotRegistered { received });
    }
    // Nor is any other fault told to an address that is not registered.
    let worse = "redirect_uri=https://evil.example/&request=x&state=a&state=b&response_mode=fragment";
    assert!(matches!(page(parse_as(ClientType::Public, worse)), PageReason::RedirectUriNotRegistered { .. }));
}

#[test]
fn faults_after_the_redirect_uri_go_back_to_it_with_their_code() {
    let s1 = Some("s1".to_owned());
    assert!(with("").is_ok());
    for (more, error) in [
        ("&request=eyJ", "request_not_supported"),
        ("&request_uri=urn:x", "request_uri_not_supported"),
        ("&registration=%7B%7D", "registration_not_supported"),
        ("&response_mode=web_message", "invalid_request"),
        ("&response_mode=query.jwt", "invalid_request"),
        ("&code_challenge=x", "invalid_request"),
        ("&code_challenge_method=S256", "invalid_request"),
        ("&prompt=none+login", "invalid_request"),
        ("&prompt=none+made_up", "invalid_request"),
        ("&max_age=-1", "invalid_request"),
        ("&max_age=%2B1", "invalid_request"),
        ("&max_age=1.5", "invalid_request"),
        ("&max_age=x", "invalid_request"),
        ("&max_age=99999999999999999999", "invalid_request"),
        ("&scope=email", "invalid_request"),
        ("&nonce=a&nonce=a", "invalid_request"),
        ("&prompt=&prompt=login", "invalid_request"),
        ("&claims=x", "invalid_request"),
        ("&claims=[]", "invalid_request"),
        ("&claims=%7B%22userinfo%22:5%7D", "invalid_request"),
    ] {
        assert_eq!(sent_back(with(more)), (error, s1.clone()), "{more}");
    }
    let plain = format!("&code_challenge={CHALLENGE}");
    for method in ["", "&code_challenge_method=plain", "&code_challenge_method="] {
        assert_eq!(sent_back(with(&format!("{plain}{method}"))).0, "invalid_request", "{method}");
    }
    assert!(with(&format!("{plain}&code_challenge_method=S256")).is_ok());
}

#[test]
fn the_response_type_is_needed_and_is_code() {
    let ask = |kind: &str| {
        parse_as(ClientType::Confidential, &format!("client_id=ID&redirect_uri={PORTAINER}&scope=openid{kind}"))
    };
    assert!(ask("&response_type=code").is_ok());
    assert_eq!(sent_back(ask("")).0, "invalid_request");
    for kind in ["token", "none", "CODE", "code+code"] {
        assert_eq!(sent_back(ask(&format!("&response_type={kind}"))).0, "unsupported_response_type", "{kind}");
    }
}

#[test]
fn a_public_client_needs_a_challenge_whatever_is_configured() {
    let query = format!("response_type=code&client_id=ID&redirect_uri={PORTAINER}&client_secret=x");
    assert_eq!(sent_back(parse_as(ClientType::Public, &query)).0, "invalid_request");
    let proven = format!("{query}&code_challenge={CHALLENGE}&code_challenge_method=S256");
    assert!(parse_as(ClientType::Public, &proven).is_ok());
}

#[test]
fn a_state_that_was_sent_twice_or_is_too_long_does_not_go_back() {
    assert_eq!(sent_back(with("&state=s2")), ("invalid_request", None));
    let long = "x".repeat(2_001);
    let query = format!("response_type=code&client_id=ID&redirect_uri={PORTAINER}");
    assert_eq!(
        sent_back(parse_as(ClientType::Confidential, &format!("{query}&state={long}"))),
        ("invalid_request", None)
    );
    assert_eq!(sent_back(with(&format!("&nonce={long}"))).0, "invalid_request");
    let fits = format!("{query}&state={}", &long[..2_000]);
    assert_eq!(parse_as(ClientType::Confidential, &fits).unwrap().state.unwrap().len(), 2_000);
    // Together they must fit into a cookie.
    assert_eq!(
        sent_back(parse_as(ClientType::Confidential, &format!("{fits}&nonce={}", &long[..1_000]))).0,
        "invalid_request"
    );
}

#[test]
fn the_answer_to_a_fault_travels_as_the_client_asked() {
    for (mode, expected) in [
        ("", ResponseMode::Query),
        ("&response_mode=fragment", ResponseMode::Fragment),
        ("&response_mode=form_post", ResponseMode::FormPost),
        ("&response_mode=made_up", ResponseMode::Query),
        ("&response_mode=fragment&response_mode=query", ResponseMode::Query),
    ] {
        match with(&format!("{mode}&max_age=x")) {
            Err(Refusal::Redirect { response_mode, .. }) => assert_eq!(response_mode, expected, "{mode}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn empty_and_unknown_parameters_are_ignored() {
    let request = with("&nonce=&prompt=&max_age=&response_mode=&request=&claims=&foo=1&foo=2").unwrap();
    assert_eq!(request, with("").unwrap());
    assert_eq!(with("&prompt=made_up").unwrap().prompt, Prompt::default());
}

#[test]
fn what_the_client_wishes_is_read() {
    let request = with(
        "&prompt=login+consent&max_age=0&login_hint=ada&acr_values=1&ui_locales=de+en&id_token_hint=e.y.J\
         &claims=%7B%22id_token%22:%7B%22sub%22:%7B%22value%22:%22u1%22%7D,%22email%22:null%7D,%22userinfo%22:%7B%22email%22:null%7D%7D",
    )
    .unwrap();
    assert_eq!(request.prompt, Prompt { login: true, consent: true, ..Prompt::default() });
    assert_eq!(request.max_age, Some(0));
    assert_eq!(request.login_hint.as_deref(), Some("ada"));
    assert_eq!(request.ui_locales.as_deref(), Some("de en"));
    assert_eq!(request.id_token_hint.as_deref(), Some("e.y.J"));
    let email = vec!["email".to_owned()];
    let sub = Some("u1".to_owned());
    let wished = ClaimsRequest { names: email.clone(), id_token: email, sub, ..ClaimsRequest::default() };
    assert_eq!(request.claims, Some(wished));
}

#[test]
fn claims_are_read_member_by_member_and_what_is_odd_is_left_out() {
    let read = |claims: &str| {
        let encoded: String = form_urlencoded::byte_serialize(claims.as_bytes()).collect();
        with(&format!("&claims={encoded}")).unwrap().claims.unwrap()
    };
    let request = read(
        r#"{"userinfo":{"email":{"essential":true},"x name":null,"acr":{"essential":true,"value":"u"}},
            "id_token":{"name":{"value":"Ada","values":["Ada"]},"x email":null,
                        "acr":{"essential":true,"value":"b","values":["a",1]}},"other":5}"#,
    );
    assert_eq!(request.names, ["acr", "name", "email"]);
    assert_eq!(request.id_token, ["acr", "name"]);
}

#[test]
fn a_request_survives_being_sealed_and_is_checked_again() {
    let mut request = with("&nonce=n&max_age=60&prompt=login").unwrap();
    let sealed = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&sealed).unwrap(), request);

    let (registered, offered) = (registered(), ScopeSet::default());
    let client = ClientFacts {
        client_id: "ID",
        client_type: ClientType::Confidential,
        registered: &registered,
        offered: &offered,
        pkce: PkcePolicy::Optional,
        response_types: ResponseTypes::Code,
    };
    assert_eq!(request.clone().check_again(&client).unwrap().as_str(), PORTAINER);
    let gone = ClientFacts { registered: &[], ..client };
    assert!(matches!(
        request.clone().check_again(&gone),
        Err(Refusal::Page(PageReason::RedirectUriNotRegistered { .. }))
    ));
    let stricter = ClientFacts { pkce: PkcePolicy::Required, ..client };
    assert_eq!(sent_back(request.clone().check_again(&stricter).map(|_| request.clone())).0, "invalid_request");
    let another = ClientFacts { client_id: "OTHER", ..client };
    assert!(matches!(request.check_again(&another), Err(Refusal::Page(PageReason::ClientIdUnknown { .. }))));
    request.check_again(&client).unwrap();
    assert!(request.scope.is_empty(), "a scope that is no longer offered is no longer granted");
}

#[test]
fn answers_travel_by_query_fragment_or_form() {
    let uri = "https://app.company/cb?a=b";
    let to = redirect_uri::find(&registered(), Purpose::Authorization, ClientType::Confidential, uri).unwrap();
    let given = Given { code: Some("c1".to_owned()), ..Given::default() };
    let params = success_params(&given, Some("a b+c;%2F"), ISS);
    let tail = "code=c1&state=a%20b%2Bc%3B%252F&iss=https%3A%2F%2Fid.company%2Fapplication%2Fo%2Fportainer%2F";
    assert_eq!(answer(&to, ResponseMode::Query, &params), Answer::Redirect(format!("{uri}&{tail}")));
    assert_eq!(answer(&to, ResponseMode::Fragment, &params), Answer::Redirect(format!("{uri}#{tail}")));
    let fields = [("code", "c1"), ("state", "a b+c;%2F"), ("iss", ISS)];
    assert_eq!(
        answer(&to, ResponseMode::FormPost, &params),
        Answer::FormPost { action: uri.to_owned(), fields: fields.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec() }
    );
    assert_eq!(
        error_params("access_denied", "no", None, ISS),
        [("error", "access_denied"), ("error_description", "no"), ("iss", ISS)]
    );
}
