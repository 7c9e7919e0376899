//! What holds whatever is sent.

use super::*;

/// Queries that are nearly right, and rubbish.
fn queries() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "scope",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "prompt",
        "max_age",
        "claims",
        "request",
        "request_uri",
        "id_token_hint",
        "x",
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "code",
            "ID",
            PORTAINER,
            "https://app.company/cb?a=b",
            "https://evil.example/",
            "S256",
            CHALLENGE,
            "none",
            "login",
            "fragment",
            "form_post",
            "0",
            "{}",
            "",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    prop::collection::vec((name, value), 0..10).prop_map(|pairs| {
        let base = [("response_type", "code".to_owned()), ("redirect_uri", PORTAINER.to_owned())];
        let skip = pairs.len() % 3;
        let all = base.into_iter().skip(skip).chain(pairs);
        form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn parsing_never_panics_and_answers_go_to_registered_addresses_only(query in queries(), raw in prop::collection::vec(any::<u8>(), 0..60)) {
        let raw = String::from_utf8_lossy(&raw).into_owned();
        for query in [query, raw] {
            for client_type in [ClientType::Confidential, ClientType::Public] {
                let params = Params::parse(query.as_bytes());
                match parse_as(client_type, &query) {
                    Ok(request) => {
                        prop_assert_eq!(params.one("redirect_uri"), Ok(Some(request.redirect_uri.as_str())));
                        prop_assert!(registered().iter().any(|r| r.uri() == request.redirect_uri && r.purpose() == Purpose::Authorization));
                        prop_assert_eq!(params.one("state"), Ok(request.state.as_deref()));
                        prop_assert!(client_type == ClientType::Confidential || request.challenge.is_some());
                    }
                    Err(Refusal::Redirect { to, state, .. }) => {
                        prop_assert!(registered().iter().any(|r| r.uri() == to.as_str() && r.purpose() == Purpose::Authorization));
                        prop_assert_eq!(state.as_deref(), params.one("state").ok().flatten());
                    }
                    Err(Refusal::Page(_)) => {}
                }
            }
        }
    }

    #[test]
    fn a_state_goes_there_and_back_byte_for_byte(state in ".{1,60}", mode in prop::sample::select(vec!["query", "fragment"])) {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("response_type", "code"), ("redirect_uri", PORTAINER), ("state", &state), ("response_mode", mode)])
            .finish();
        let request = parse_as(ClientType::Confidential, &query).unwrap();
        let to = redirect_uri::find(&registered(), Purpose::Authorization, ClientType::Confidential, PORTAINER).unwrap();
        let given = Given { code: Some("c".to_owned()), ..Given::default() };
        let Answer::Redirect(location) = answer(&to, request.response_mode, &success_params(&given, request.state.as_deref(), ISS))
        else { panic!("no redirect") };
        prop_assert!(location.bytes().all(|b| b.is_ascii_graphic()));
        let encoded = location.split(['?', '#']).nth(1).unwrap();
        let value = encoded.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap();
        prop_assert_eq!(percent_encoding::percent_decode_str(value).decode_utf8().unwrap(), state);
    }
}
