# Anmelden, Konto wählen, Zustimmung.

sign-in = Anmelden
sign-in-anew = Wieder anmelden
sign-in-to = Bei <bdi>{ $application }</bdi> anmelden
sign-in-to-title = Bei { $application } anmelden
sign-in-with-account = mit Ihrem Latchkey-Konto
sign-in-to-see = um Ihre Anwendungen zu sehen
sign-in-again = Sie sind angemeldet als <b><bdi>{ $name }</bdi></b>. Geben Sie Ihr Passwort noch einmal ein, um fortzufahren.
sign-in-username = Benutzername oder E-Mail
sign-in-help = Ich kann mich nicht anmelden
sign-in-help-what = Bitten Sie Ihren Administrator um einen Wiederherstellungslink: Damit wählen Sie ein neues Passwort.
sign-in-help-code = Wenn Ihr Passkey verloren ist und Sie kein Passwort haben, geben Sie einen Wiederherstellungscode anstelle des Passworts ein.
sign-in-wrong = Benutzername und Passwort passen nicht zusammen. Prüfen Sie beide und versuchen Sie es noch einmal.
sign-in-wait-seconds = Das waren zu viele Versuche. Warten Sie { $n ->
    [one] 1 Sekunde
   *[other] { $n } Sekunden
  } und versuchen Sie es dann noch einmal.
sign-in-wait-minutes = Das waren zu viele Versuche. Warten Sie { $n } Minuten und versuchen Sie es dann noch einmal.
sign-in-busy = Gerade melden sich viele an. Warten Sie ein paar Sekunden und versuchen Sie es dann noch einmal.
sign-in-expired = Diese Seite war zu lange offen, darum wurde nichts gesendet. Bitte melden Sie sich noch einmal an.
sign-in-cookies = Ihr Browser hat das Cookie nicht zurückgeschickt, das diese Seite braucht. Erlauben Sie Cookies für diese Seite und melden Sie sich noch einmal an.

password = Passwort
username = Benutzername

choose = Konto wählen
choose-title = Konto für { $application } wählen
choose-for = um zu <bdi>{ $application }</bdi> weiterzugehen
choose-continue = Weiter als { $name }
choose-another = Anderes Konto verwenden

signed-in-as = Sie sind angemeldet als <b><bdi>{ $name }</bdi></b>

consent-title = { $application } erlauben?
consent-question = <bdi>{ $application }</bdi> erlauben, Sie anzumelden?
consent-learns = Die Anwendung erfährt:
consent-other = Etwas Eigenes
consent-then = Danach geht es in jedem Fall zu <b><bdi>{ $host }</bdi></b>.
consent-remembered = Wenn Sie es erlauben, werden Sie { $time } lang nicht wieder gefragt.
consent-allow = Zugriff erlauben
consent-deny = Zugriff ablehnen

scope-openid = Dass Sie es sind
scope-openid-exactly = eine dauerhafte Kennung Ihres Kontos
scope-profile = Ihr Profil
scope-profile-exactly = Name, Benutzername, Sprache, Bild und Gruppen
scope-email = Ihre E-Mail-Adresse
scope-email-exactly = und ob sie bestätigt ist
scope-groups = Ihre Gruppen
scope-groups-exactly = die Namen der Gruppen, in denen Sie sind
scope-offline = Zugriff, während Sie nicht da sind
scope-offline-exactly = sie bleibt angemeldet, wenn Sie sie schließen
scope-phone = Ihre Telefonnummer
scope-phone-exactly = und ob sie bestätigt ist
scope-address = Ihre Anschrift
scope-address-exactly = wie sie in Ihrem Konto steht

denied = Sie haben keinen Zugang zu <bdi>{ $application }</bdi>
denied-title = Kein Zugang zu { $application }
denied-no-match = Ihr Konto gehört nicht zu denen, die diese Anwendung benutzen dürfen.
denied-closed = Noch niemand hat Zugang zu dieser Anwendung.
denied-disabled = Ihr Konto ist gesperrt.
denied-second-factor = Diese Anwendung ist für alle, die sich mit einem zweiten Faktor anmelden.
denied-passkey = Diese Anwendung ist für alle, die sich mit einem Passkey anmelden.
denied-stronger = Sie haben, was es braucht: Melden Sie sich noch einmal damit an.
denied-add-factor = Fügen Sie Ihrem Konto einen zweiten Faktor hinzu und kommen Sie dann wieder.
denied-add-passkey = Fügen Sie Ihrem Konto einen Passkey hinzu und melden Sie sich dann noch einmal damit an.
denied-open-mfa = MFA-Geräte öffnen
denied-what = Bitten Sie Ihren Administrator um Zugang, oder nehmen Sie ein anderes Konto.
denied-other-account = Mit anderem Konto anmelden
open-my-applications = Meine Anwendungen öffnen

one-moment = Einen Moment
on-your-way = Es geht gleich weiter. Wenn nichts geschieht, gehen Sie von Hand weiter.
on-your-way-to = Es geht weiter zu <bdi>{ $application }</bdi>. Wenn nichts geschieht, gehen Sie von Hand weiter.
continue = Weiter
continue-to = Weiter zu { $application }

over = Diese Anmeldung ist vorbei
over-what = Sie war schon abgeschlossen oder hat länger als zehn Minuten gedauert. Mit Ihrem Konto ist alles in Ordnung.
over-next = Um sich anzumelden, beginnen Sie noch einmal bei der Anwendung.

duration-weeks = { $n ->
    [one] 1 Woche
   *[other] { $n } Wochen
  }
duration-days = { $n ->
    [one] 1 Tag
   *[other] { $n } Tage
  }
duration-hours = { $n ->
    [one] 1 Stunde
   *[other] { $n } Stunden
  }
duration-minutes = { $n ->
    [one] 1 Minute
   *[other] { $n } Minuten
  }
duration-seconds = { $n ->
    [one] 1 Sekunde
   *[other] { $n } Sekunden
  }

device-title = Ein Gerät verbinden
device-code = Code
device-code-hint = Das Gerät zeigt ihn: acht Buchstaben. Großschreibung und Strich sind gleichgültig.
device-code-malformed = Das ist kein Code eines Geräts: er hat acht Buchstaben, darunter keinen Vokal. Vergleichen Sie ihn mit dem Gerät.
device-code-unknown = Unter diesem Code wartet kein Gerät. Er kann nach 10 Minuten abgelaufen oder schon benutzt sein: vergleichen Sie ihn, oder lassen Sie das Gerät einen neuen zeigen.
device-warning = Fahren Sie nur fort, wenn Sie das Gerät vor sich haben und dies selbst begonnen haben. Hat Ihnen jemand den Code geschickt, wäre er als Sie angemeldet.
device-elsewhere = Mit einem Telefon fortfahren
device-elsewhere-what = Scannen Sie dies, um die Seite dort mit dem Code zu öffnen.
device-ask = Sie bei <bdi>{ $application }</bdi> auf einem Gerät anmelden?
device-ask-title = Auf einem Gerät bei { $application } anmelden?
device-ask-compare = Das Gerät muss denselben Code zeigen:
device-ask-from = von der Adresse <bdi>{ $address }</bdi>
device-ask-at = angefragt
device-allowed = Das Gerät kann fortfahren
device-allowed-what = { $application } meldet Sie auf dem Gerät gleich an.
device-allowed-next = Sie können diese Seite schließen. In den Benutzereinstellungen, unter Verbundene Anwendungen, nehmen Sie den Zugriff zurück.
device-denied = Der Zugriff wurde abgelehnt
device-denied-what = { $application } erfährt es auf dem Gerät.
device-denied-next = Es wurde nichts geteilt. Sie können diese Seite schließen.
