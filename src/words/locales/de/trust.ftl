# Wie Geräte und Programme der eigenen Zertifizierungsstelle vertrauen lernen.

trust = Machen Sie Latchkey Ihren Geräten bekannt
trust-certificate = Das Zertifikat dieses Hauses
trust-what = Latchkey spricht https mit Zertifikaten einer eigenen Zertifizierungsstelle, die noch kein Gerät kennt. Installieren Sie deren Zertifikat einmal auf jedem Gerät, dann verschwinden die Warnungen.
trust-name = Name
trust-permitted = Bürgt für
trust-permitted-what = und die Namen darunter, und für sonst nichts auf der Welt
trust-until = Gültig bis
trust-fingerprint = SHA-256
trust-compare = Wer dazwischen sitzt, könnte diese Seite austauschen. Vergleichen Sie vor dem Installieren den SHA-256 mit dem, was <code>latchkey ca show</code> auf dem Server ausgibt.
trust-download = Zertifikat herunterladen
trust-replaced = Dieses Zertifikat wird bald ersetzt. Fragen Sie Ihren Administrator, bevor Sie es installieren.
trust-devices = Auf Ihren Geräten
trust-programs = Für die Server der Anwendungen
trust-onward = Weiter zu Latchkey

trust-ios = iPhone und iPad
trust-ios-1 = Öffnen Sie diese Seite in Safari, drücken Sie <b>Zertifikat herunterladen</b> und erlauben Sie es.
trust-ios-2 = Öffnen Sie <b>Einstellungen</b>, drücken Sie <b>Profil geladen</b>, dann <b>Installieren</b>.
trust-ios-3 = Schalten Sie das Zertifikat unter <b>Einstellungen, Allgemein, Info, Zertifikatsvertrauenseinstellungen</b> ein.
trust-android = Android
trust-android-1 = Laden Sie das Zertifikat herunter.
trust-android-2 = Öffnen Sie <b>Einstellungen</b> und suchen Sie nach <b>CA-Zertifikat</b> (meist: Sicherheit, Weitere Sicherheitseinstellungen, Von Gerätespeicher installieren).
trust-android-3 = Drücken Sie <b>Trotzdem installieren</b> und wählen Sie <code>latchkey-ca.crt</code>. Schalten Sie in Firefox auch <b>CA-Zertifikate von Drittanbietern verwenden</b> in den geheimen Einstellungen ein.
trust-windows = Windows
trust-windows-1 = Laden Sie das Zertifikat herunter und öffnen Sie die Datei.
trust-windows-2 = Drücken Sie <b>Zertifikat installieren</b> und wählen Sie <b>Lokaler Computer</b>.
trust-windows-3 = Wählen Sie <b>Alle Zertifikate in folgendem Speicher speichern</b> und <b>Vertrauenswürdige Stammzertifizierungsstellen</b>.
trust-macos = macOS
trust-macos-1 = Laden Sie das Zertifikat herunter und öffnen Sie die Datei; die Schlüsselbundverwaltung fragt, wohin: wählen Sie <b>System</b>.
trust-macos-2 = Öffnen Sie es dort, klappen Sie <b>Vertrauen</b> auf und wählen Sie <b>Immer vertrauen</b>.
trust-linux = Linux
trust-linux-1 = Laden Sie das Zertifikat herunter und tippen Sie, was unten steht (Debian, Ubuntu, Raspberry Pi OS).
trust-linux-2 = Chromium und Chrome haben einen eigenen Speicher: öffnen Sie <code>chrome://certificate-manager</code> und importieren Sie die Datei unter <b>Benutzerdefiniert</b> als vertrauenswürdig.
trust-firefox = Firefox
trust-firefox-1 = Öffnen Sie <b>Einstellungen, Datenschutz &amp; Sicherheit, Zertifikate, Zertifikate anzeigen</b>.
trust-firefox-2 = Drücken Sie unter <b>Zertifizierungsstellen</b> auf <b>Importieren</b>, wählen Sie die Datei und haken Sie <b>Dieser CA vertrauen, um Websites zu identifizieren</b> an.

trust-portainer = Portainer und andere in Containern
trust-portainer-1 = Schreiben Sie auf dem Server das Zertifikat neben die Stack-Datei: <code>latchkey ca certificate &gt; latchkey-ca.crt</code>
trust-portainer-2 = Fügen Sie diese Zeilen in den Stack ein und starten Sie ihn neu. Portainer vertraut weiterhin allem, dem es vorher vertraute.
trust-java = Gravitee und andere in Java
trust-java-1 = Schreiben Sie auf dem Server das Zertifikat in eine Datei: <code>latchkey ca certificate &gt; latchkey-ca.crt</code>
trust-java-2 = Importieren Sie es dort, wo Java sucht, im Container oder auf der Maschine, und starten Sie die Anwendung neu.
