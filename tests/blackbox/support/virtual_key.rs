//! Authenticators that Chromium itself plays, driven over its debugging protocol.

use headless_chrome::protocol::cdp::{Page as PageDomain, WebAuthn};

use super::chromium::Page;

/// An authenticator of one window, that is touched by itself and checks its user.
pub struct VirtualKey<'a> {
    page: &'a Page,
    id: String,
}

/// What may be seen and set of a credential.
pub use WebAuthn::Credential;

impl Page {
    /// The device itself, which keeps passkeys to itself, or to its user's devices.
    pub fn device(&self, is_synced: bool) -> VirtualKey<'_> {
        self.plug_in(WebAuthn::AuthenticatorTransport::Internal, is_synced)
    }

    /// A security key.
    pub fn security_key(&self) -> VirtualKey<'_> {
        self.plug_in(WebAuthn::AuthenticatorTransport::Usb, false)
    }

    /// From now on pages get no passkey that the browser offers by itself, in a list under a field: a virtual one is
    /// chosen there at once, before anybody could press a button.
    pub fn without_offers(&self) -> String {
        let source = "if (window.PublicKeyCredential) \
                      PublicKeyCredential.isConditionalMediationAvailable = async () => false;";
        let script = PageDomain::AddScriptToEvaluateOnNewDocument {
            source: source.into(),
            world_name: None,
            include_command_line_api: None,
            run_immediately: None,
        };
        self.tab().call_method(script).expect("a script").identifier
    }

    /// Undoes [`Page::without_offers`].
    pub fn with_offers(&self, identifier: String) {
        let script = PageDomain::RemoveScriptToEvaluateOnNewDocument { identifier };
        self.tab().call_method(script).expect("no script");
    }

    fn plug_in(&self, transport: WebAuthn::AuthenticatorTransport, is_synced: bool) -> VirtualKey<'_> {
        self.tab().call_method(WebAuthn::Enable { enable_ui: None }).expect("WebAuthn");
        let options = WebAuthn::VirtualAuthenticatorOptions {
            protocol: WebAuthn::AuthenticatorProtocol::Ctap2,
            ctap_2_version: Some(WebAuthn::Ctap2Version::Ctap21),
            transport,
            has_resident_key: Some(true),
            has_user_verification: Some(true),
            has_large_blob: None,
            has_cred_blob: None,
            has_min_pin_length: None,
            has_prf: None,
            automatic_presence_simulation: Some(true),
            is_user_verified: Some(true),
            default_backup_eligibility: Some(is_synced),
            default_backup_state: Some(is_synced),
        };
        let added = self.tab().call_method(WebAuthn::AddVirtualAuthenticator { options }).expect("an authenticator");
        VirtualKey { page: self, id: added.authenticator_id }
    }
}

impl VirtualKey<'_> {
    fn id(&self) -> String {
        self.id.clone()
    }

    /// The passkeys on it.
    pub fn credentials(&self) -> Vec<Credential> {
        let get = WebAuthn::GetCredentials { authenticator_id: self.id() };
        self.page.tab().call_method(get).expect("credentials").credentials
    }

    /// Puts a credential there, in place of the one of the same id.
    pub fn put(&self, credential: Credential) {
        let (authenticator_id, credential_id) = (self.id(), credential.credential_id.clone());
        drop(self.page.tab().call_method(WebAuthn::RemoveCredential { authenticator_id, credential_id }));
        let add = WebAuthn::AddCredential { authenticator_id: self.id(), credential };
        self.page.tab().call_method(add).expect("a credential");
    }

    /// Whether it recognises its user.
    pub fn recognises(&self, is_user_verified: bool) {
        let set = WebAuthn::SetUserVerified { authenticator_id: self.id(), is_user_verified };
        self.page.tab().call_method(set).expect("a check of the user");
    }

    /// Whether its answers leave out that it checked its user.
    pub fn forgets_to_check(&self, is_bad_uv: bool) {
        let authenticator_id = self.id();
        let bits = WebAuthn::SetResponseOverrideBits {
            authenticator_id,
            is_bogus_signature: None,
            is_bad_uv: Some(is_bad_uv),
            is_bad_up: None,
        };
        self.page.tab().call_method(bits).expect("other bits");
    }

    pub fn unplug(self) {
        let remove = WebAuthn::RemoveVirtualAuthenticator { authenticator_id: self.id() };
        self.page.tab().call_method(remove).expect("unplugged");
    }
}
