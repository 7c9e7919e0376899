# Fehlerseiten.

error-status = Fehler { $status }
request = Anfrage

error-client = Diese Anwendung ist hier nicht bekannt
error-client-unknown = Eine Anwendung hat Sie mit einer Client-ID hergeschickt, die nicht eingetragen ist.
error-client-missing = Eine Anwendung hat Sie hergeschickt, ohne zu sagen, welche sie ist: In ihrer Anfrage fehlt die Client-ID.
error-client-twice = Der Parameter client_id kam mehr als einmal.
error-client-next = Gehen Sie zur Anwendung zurück und versuchen Sie es noch einmal. Bleibt es so, sollte ihr Administrator ihre Client-ID mit der vergleichen, die Latchkey zeigt.
error-client-received = Empfangene Client-ID

error-redirect-unregistered = Die Redirect-URI ist nicht eingetragen
error-redirect-unregistered-what = { $application } wollte Sie an eine Adresse zurückschicken, die für diese Anwendung nicht eingetragen ist.
error-redirect-missing = Die Redirect-URI fehlt
error-redirect-missing-what = { $application } hat nicht gesagt, wohin es zurückgehen soll: In der Anfrage fehlt die Redirect-URI.
error-redirect-twice = Der Parameter redirect_uri kam mehr als einmal.
error-redirect-next = Es wurde nichts irgendwohin geschickt. Zeigen Sie diese Seite Ihrem Administrator: Was die Anwendung schickt, muss genau einer eingetragenen Redirect-URI gleichen, bis zum letzten Schrägstrich.
error-redirect-received = Empfangene Redirect-URI

error-request = Diese Anfrage lässt sich nicht beantworten
error-request-next = Gehen Sie zurück und beginnen Sie noch einmal.
error-pushed = Diese Anmeldung ist vorbei
error-pushed-what = Die Anwendung hatte sie eben vorbereitet, und das gilt 90 Sekunden lang und ein Mal.
error-object-what = Die Anwendung hat eine signierte Anfrage geschickt, die nicht stimmt.
error-object-next = Gehen Sie zur Anwendung zurück und versuchen Sie es noch einmal. Bleibt es so, findet ihr Administrator den Grund in den Ereignissen, über die Anfrage-ID unten.

mend = Für Sie als Administrator
mend-none = Für diese Anwendung ist noch keine Redirect-URI eingetragen.
mend-registered = Eingetragen
mend-page = Wenn Sie die empfangene Adresse kennen und ihr vertrauen, tragen Sie sie ein: Wer sich anmeldet, wird dorthin geschickt.
mend-open = Anwendung öffnen
mend-command = Oder mit diesem Befehl:

error-form = Dieses Formular gilt nicht mehr
error-form-what = Die Seite war zu lange offen, oder Sie haben sich inzwischen in einem anderen Tab an- oder abgemeldet. Es wurde nichts geändert.
error-form-next = Gehen Sie zurück, laden Sie die Seite neu und wiederholen Sie es.

error-signed-out = Sie sind abgemeldet
error-signed-out-what = Ihre Sitzung endete, während Sie das Formular ausfüllten; darum wurde nichts geändert.
error-signed-out-next = Melden Sie sich an und kommen Sie mit der Zurück-Taste Ihres Browsers wieder her: Ihre Eingaben sind noch da.

error-not-administrator = Diese Seite ist für Administratoren
error-not-administrator-what = Sie sind angemeldet, aber Ihr Konto hat kein Administratorrecht.
error-not-administrator-next = Wenn Sie es brauchen, bitten Sie einen Administrator darum.

error-refused = Das geht nicht
error-refused-next = Gehen Sie zurück; es wurde nichts geändert.

error-not-found = Diese Seite gibt es nicht
error-not-found-what = Vielleicht ist die Adresse vertippt, oder die Seite ist weg.
error-not-found-next = Prüfen Sie die Adresse, oder gehen Sie von Ihren Anwendungen aus weiter.

error-host = Latchkey hat eine andere Adresse
error-host-what = Sie kamen unter einem Namen her, den Latchkey nicht benutzt. Seine Adresse ist { $url }, und nur dort kann man sich anmelden.
error-host-next = Machen Sie dort weiter. Um Latchkey umzuziehen, startet es der Administrator mit --url.
error-host-received = Empfangener Host
error-host-open = Latchkey öffnen

error-clear = Das wurde ohne https gesendet
error-clear-what = Es ging offen über das Netz, darum wurde nichts damit getan. Die Adresse von Latchkey ist { $url }
error-clear-next = Öffnen Sie diese Adresse und tun Sie es dort. Wenn Sie ein Passwort eingegeben haben, ändern Sie es: jemand könnte es gelesen haben.

error-busy = Gerade ist zu viel los
error-busy-what = Es fragen mehr Leute, als dieser Server auf einmal beantworten kann.
error-busy-next = Warten Sie ein paar Sekunden und laden Sie die Seite dann neu.

error-internal = Hier ist etwas schiefgegangen
error-internal-what = Latchkey hatte selbst ein Problem. Es liegt nicht an Ihnen.
error-internal-next = Versuchen Sie es noch einmal. Geschieht es wieder, geben Sie Ihrem Administrator die Nummer der Anfrage: Mit ihr findet sich der Grund im Protokoll.
