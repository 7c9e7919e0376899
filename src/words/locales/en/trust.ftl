# How devices and programs learn to trust the own certificate authority.

trust = Let your devices trust Latchkey
trust-certificate = The certificate of this house
trust-what = Latchkey serves https by certificates of its own authority, which no device knows yet. Install the authority's certificate once on each device, and the warnings go away.
trust-name = Name
trust-permitted = Vouches for
trust-permitted-what = and the names below them, and for nothing else in the world
trust-until = Valid until
trust-fingerprint = SHA-256
trust-compare = Anybody in between could exchange this page. Compare the SHA-256 with what <code>latchkey ca show</code> prints on the server before you install the certificate.
trust-download = Download the certificate
trust-replaced = This certificate is about to be replaced. Ask your administrator before you install it.
trust-devices = On your devices
trust-programs = For the applications' servers
trust-onward = Go on to Latchkey

trust-ios = iPhone and iPad
trust-ios-1 = Open this page in Safari, press <b>Download the certificate</b> and allow it.
trust-ios-2 = Open <b>Settings</b>, press <b>Profile Downloaded</b>, then <b>Install</b>.
trust-ios-3 = Under <b>Settings, General, About, Certificate Trust Settings</b> switch the certificate on.
trust-android = Android
trust-android-1 = Download the certificate.
trust-android-2 = Open <b>Settings</b> and search for <b>CA certificate</b> (most devices: Security, More security settings, Install from device storage).
trust-android-3 = Press <b>Install anyway</b> and choose <code>latchkey-ca.crt</code>. In Firefox, also switch on <b>Use third party CA certificates</b> in its secret settings.
trust-windows = Windows
trust-windows-1 = Download the certificate and open the file.
trust-windows-2 = Press <b>Install Certificate</b> and choose <b>Local Machine</b>.
trust-windows-3 = Choose <b>Place all certificates in the following store</b>, and <b>Trusted Root Certification Authorities</b>.
trust-macos = macOS
trust-macos-1 = Download the certificate and open the file; Keychain Access asks where to: choose <b>System</b>.
trust-macos-2 = Open it there, unfold <b>Trust</b> and choose <b>Always Trust</b>.
trust-linux = Linux
trust-linux-1 = Download the certificate, and type what stands below (Debian, Ubuntu, Raspberry Pi OS).
trust-linux-2 = Chromium and Chrome have a store of their own: open <code>chrome://certificate-manager</code> and import the file under <b>Custom</b> as trusted.
trust-firefox = Firefox
trust-firefox-1 = Open <b>Settings, Privacy &amp; Security, Certificates, View Certificates</b>.
trust-firefox-2 = Under <b>Authorities</b> press <b>Import</b>, choose the file, and tick <b>Trust this CA to identify websites</b>.

trust-portainer = Portainer and others in containers
trust-portainer-1 = On the server, write the certificate beside the stack file: <code>latchkey ca certificate &gt; latchkey-ca.crt</code>
trust-portainer-2 = Add these lines to the stack, and deploy it again. Portainer goes on trusting everything that it trusted before.
trust-java = Gravitee and others in Java
trust-java-1 = On the server, write the certificate to a file: <code>latchkey ca certificate &gt; latchkey-ca.crt</code>
trust-java-2 = Import it where Java looks, in the container or on the machine, and start the application again.
