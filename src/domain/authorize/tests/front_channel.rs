//! Tokens from the authorization endpoint itself: hybrid and implicit flow.

use super::*;

/// A request of a client that may ask for these types.
fn typed(types: ResponseTypes, client_type: ClientType, query: &str) -> Result<AuthorizationRequest, Refusal> {
    let mut registered = registered();
    for uri in ["http://wiki.company/cb", "http://localhost:8080/cb"] {
        let purpose = Purpose::Authorization;
        registered.push(RegisteredUri::register(Matching::Strict, purpose, client_type, uri).unwrap());
    }
    let offered = ScopeSet::from_store(scope::DEFAULT_OFFERED);
    let client = ClientFacts {
        client_id: "ID",
        client_type,
        registered: &registered,
        offered: &offered,
        pkce: PkcePolicy::Optional,
        response_types: types,
    };
    let mut request = parse(&Params::parse(query.as_bytes()), &client)?;
    request.check_again(&client)?;
    Ok(request)
}

/// What such a refusal says, and how it travels.
fn told(result: Result<AuthorizationRequest, Refusal>) -> (&'static str, ResponseMode) {
    match result {
        Err(Refusal::Redirect { error, response_mode, .. }) => (error, response_mode),
        other => panic!("not sent back: {other:?}"),
    }
}

#[test]
fn tokens_come_by_fragment_or_form_and_only_for_clients_that_may_have_them() {
    use ResponseMode::{FormPost, Fragment, Query};
    let ask = |types, kind: &str, more: &str| {
        let query = format!("response_type={kind}&redirect_uri={PORTAINER}&scope=openid&nonce=n{more}");
        typed(types, ClientType::Confidential, &query)
    };
    let all = ResponseTypes::All;
    for kind in ["id_token", "id_token+token", "code+id_token", "code+token", "token+id_token+code"] {
        assert_eq!(ask(all, kind, "").unwrap().response_mode, Fragment, "{kind}");
        assert_eq!(ask(all, kind, "&response_mode=form_post").unwrap().response_mode, FormPost, "{kind}");
        assert_eq!(told(ask(all, kind, "&response_mode=query")), ("invalid_request", Fragment), "{kind}");
        assert_eq!(told(ask(ResponseTypes::Code, kind, "")), ("unauthorized_client", Fragment), "{kind}");
        let with_code = kind.contains("code");
        match ask(ResponseTypes::Hybrid, kind, "&response_mode=form_post") {
            Ok(request) => assert!(with_code && request.response_type.gives_code(), "{kind}"),
            refused => assert!(!with_code && told(refused) == ("unauthorized_client", FormPost), "{kind}"),
        }
    }
    assert_eq!(ask(all, "code", "").unwrap().response_mode, Query);
    assert_eq!(told(ask(all, "token", "")), ("unsupported_response_type", Fragment));
    assert_eq!(told(ask(all, "none", "")), ("unsupported_response_type", Query));
}

#[test]
fn an_id_token_from_the_front_needs_nonce_and_openid_and_an_address_that_is_not_in_the_open() {
    let ask = |kind: &str, more: &str| {
        typed(ResponseTypes::All, ClientType::Confidential, &format!("response_type={kind}{more}"))
    };
    let to = |uri: &str, rest: &str| format!("&redirect_uri={uri}{rest}");
    for kind in ["id_token", "id_token+token", "code+id_token", "code+id_token+token"] {
        assert!(ask(kind, &to(PORTAINER, "&scope=openid&nonce=n")).is_ok(), "{kind}");
        assert_eq!(told(ask(kind, &to(PORTAINER, "&scope=openid"))).0, "invalid_request", "{kind}");
        assert_eq!(told(ask(kind, &to(PORTAINER, "&scope=email&nonce=n"))).0, "invalid_scope", "{kind}");
    }
    for kind in ["code", "code+token"] {
        assert!(ask(kind, &to(PORTAINER, "&scope=email")).is_ok(), "{kind}");
    }
    // OpenID Connect Core section 3.2.2.1.
    let clear = to("http://wiki.company/cb", "&scope=openid&nonce=n");
    for kind in ["id_token", "id_token+token", "code+id_token", "code+token", "code+id_token+token"] {
        assert_eq!(told(ask(kind, &clear)).0, "invalid_request", "{kind}");
    }
    assert!(ask("code", &clear).is_ok());
    assert!(ask("id_token", &to("http://localhost:8080/cb", "&scope=openid&nonce=n")).is_ok());
}

#[test]
fn without_a_code_there_is_neither_pkce_nor_offline_access() {
    let ask = |kind: &str, more: &str| {
        let scope = "openid+offline_access";
        let query = format!("response_type={kind}&redirect_uri={PORTAINER}&scope={scope}&nonce=n{more}");
        typed(ResponseTypes::All, ClientType::Public, &query)
    };
    let implicit = ask("id_token", "&code_challenge=x").unwrap();
    assert_eq!((implicit.scope.to_string().as_str(), implicit.challenge), ("openid", None));
    assert_eq!(told(ask("code+id_token", "")).0, "invalid_request");
    let hybrid = ask("code+id_token", &format!("&code_challenge={CHALLENGE}&code_challenge_method=S256")).unwrap();
    assert_eq!(hybrid.scope.to_string(), "openid offline_access");
}
