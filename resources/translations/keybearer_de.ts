<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Activity</name>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translation>Erlaubt</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>first time for this program</source>
        <translation>zum ersten Mal für dieses Programm</translation>
    </message>
    <message>
        <source>many at once</source>
        <translation>viele auf einmal</translation>
    </message>
    <message>
        <source>new hour of the day</source>
        <translation>neue Tageszeit</translation>
    </message>
    <message>
        <source>%1 from %2</source>
        <translation>%1 aus %2</translation>
    </message>
    <message>
        <source>process %1</source>
        <translation>Prozess %1</translation>
    </message>
    <message>
        <source>%1 with key %2</source>
        <translation>%1 mit Schlüssel %2</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Where from: %1</source>
        <translation>Woher: %1</translation>
    </message>
    <message>
        <source>Why: %1</source>
        <translation>Warum: %1</translation>
    </message>
    <message>
        <source>It said: “%1”</source>
        <translation>Es sagte: „%1“</translation>
    </message>
    <message>
        <source>Grant: %1</source>
        <translation>Erlaubnis: %1</translation>
    </message>
    <message>
        <source>File: %1</source>
        <translation>Datei: %1</translation>
    </message>
    <message>
        <source>Process: %1</source>
        <translation>Prozess: %1</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Credential</source>
        <translation>Zugangsdaten</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Where from</source>
        <translation>Woher</translation>
    </message>
    <message>
        <source>%1; unusual: %2</source>
        <translation>%1; ungewöhnlich: %2</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>d. MMM</translation>
    </message>
</context>
<context>
    <name>Chain</name>
    <message>
        <source>Given with the program&apos;s request</source>
        <translation>Mit der Anfrage des Programms gegeben</translation>
    </message>
    <message>
        <source>Given when the program began</source>
        <translation>Beim Start des Programms gegeben</translation>
    </message>
    <message>
        <source>Environment of the program</source>
        <translation>Umgebung des Programms</translation>
    </message>
    <message>
        <source>Stored here</source>
        <translation>Hier abgelegt</translation>
    </message>
    <message>
        <source>Shared by all tenants</source>
        <translation>Von allen Mandanten geteilt</translation>
    </message>
    <message>
        <source>Environment of the broker</source>
        <translation>Umgebung des Brokers</translation>
    </message>
    <message>
        <source>Account that is signed in</source>
        <translation>Angemeldetes Konto</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Output of a command</source>
        <translation>Ausgabe eines Befehls</translation>
    </message>
    <message>
        <source>Profile in the AWS files</source>
        <translation>Profil in den AWS-Dateien</translation>
    </message>
    <message>
        <source>Configured: nothing is needed</source>
        <translation>Eingestellt: nichts ist nötig</translation>
    </message>
    <message>
        <source>The provider&apos;s default</source>
        <translation>Vorgabe des Anbieters</translation>
    </message>
    <message>
        <source>known only when a program asks</source>
        <translation>erst bekannt, wenn ein Programm fragt</translation>
    </message>
    <message>
        <source>nothing there</source>
        <translation>nichts da</translation>
    </message>
    <message>
        <source>is used</source>
        <translation>wird genommen</translation>
    </message>
    <message>
        <source>is used, fingerprint %1</source>
        <translation>wird genommen, Fingerabdruck %1</translation>
    </message>
    <message>
        <source>%1, for test</source>
        <translation>%1, zum Testen</translation>
    </message>
    <message>
        <source>is passed over: this is a part of a credential, and another place has a whole one</source>
        <translation>wird übergangen: hier ist nur ein Teil der Zugangsdaten, anderswo sind sie vollständig</translation>
    </message>
    <message>
        <source>is passed over: the secrets come from another place</source>
        <translation>wird übergangen: die Geheimnisse kommen von anderswo</translation>
    </message>
    <message>
        <source>is hidden by: %1</source>
        <translation>wird verdeckt von: %1</translation>
    </message>
    <message>
        <source>A program gets a whole credential.</source>
        <translation>Ein Programm bekommt vollständige Zugangsdaten.</translation>
    </message>
    <message>
        <source>There is no whole credential.</source>
        <translation>Es gibt keine vollständigen Zugangsdaten.</translation>
    </message>
</context>
<context>
    <name>Credentials</name>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>cannot be opened</source>
        <translation>lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>%1, to follow: %2</source>
        <translation>%1, danach: %2</translation>
    </message>
    <message>
        <source>%1, %2 of %3</source>
        <translation>%1, %2 von %3</translation>
    </message>
</context>
<context>
    <name>Forecast</name>
    <message>
        <source>Sign in again</source>
        <translation>Neu anmelden</translation>
    </message>
    <message>
        <source>The session at the provider ends; sign in again before</source>
        <translation>Die Sitzung beim Anbieter endet; melden Sie sich vorher neu an</translation>
    </message>
    <message>
        <source>The provider renews nothing; sign in again then</source>
        <translation>Der Anbieter erneuert nichts; melden Sie sich dann neu an</translation>
    </message>
    <message>
        <source>Make another key: keybearer key rotate</source>
        <translation>Machen Sie einen anderen Schlüssel: keybearer key rotate</translation>
    </message>
    <message>
        <source>Programs that still show the key before its rotation are refused then</source>
        <translation>Programme, die dann noch den Schlüssel von vor dem Wechsel zeigen, werden abgelehnt</translation>
    </message>
    <message>
        <source>You are asked again when the program wants it</source>
        <translation>Sie werden neu gefragt, wenn das Programm es möchte</translation>
    </message>
    <message>
        <source>Client key %1</source>
        <translation>Client-Schlüssel %1</translation>
    </message>
    <message>
        <source>Client key %1 before its rotation</source>
        <translation>Client-Schlüssel %1 vor seinem Wechsel</translation>
    </message>
    <message>
        <source>%1 may have %2</source>
        <translation>%1 darf %2 haben</translation>
    </message>
</context>
<context>
    <name>KeyForm</name>
    <message>
        <source>A key is one line without spaces.</source>
        <translation>Ein Schlüssel ist eine Zeile ohne Leerzeichen.</translation>
    </message>
    <message>
        <source>PEM goes from -----BEGIN ...----- to -----END ...-----.</source>
        <translation>PEM reicht von -----BEGIN ...----- bis -----END ...-----.</translation>
    </message>
    <message>
        <source>This is not one JSON object.</source>
        <translation>Das ist kein einzelnes JSON-Objekt.</translation>
    </message>
    <message>
        <source>An address looks like https://api.example.com.</source>
        <translation>Eine Adresse sieht aus wie https://api.example.com.</translation>
    </message>
    <message>
        <source>A path begins with a slash.</source>
        <translation>Ein Pfad beginnt mit einem Schrägstrich.</translation>
    </message>
    <message>
        <source>This is one line of plain text.</source>
        <translation>Das ist eine Zeile einfacher Text.</translation>
    </message>
    <message>
        <source>It is empty.</source>
        <translation>Es ist leer.</translation>
    </message>
    <message>
        <source>It is too long for a key.</source>
        <translation>Es ist zu lang für einen Schlüssel.</translation>
    </message>
    <message>
        <source>It is not text.</source>
        <translation>Es ist kein Text.</translation>
    </message>
    <message>
        <source>It does not begin with %1, as others do.</source>
        <translation>Es beginnt nicht mit %1 wie andere.</translation>
    </message>
    <message>
        <source> or </source>
        <translation> oder </translation>
    </message>
    <message>
        <source>A name is 1 to 64 letters, digits, &apos;.&apos;, &apos;_&apos;, &apos;@&apos; and &apos;-&apos;, and begins with a letter or digit.</source>
        <translation>Ein Name besteht aus 1 bis 64 Buchstaben, Ziffern, „.“, „_“, „@“ und „-“ und beginnt mit einem Buchstaben oder einer Ziffer.</translation>
    </message>
</context>
<context>
    <name>Mood</name>
    <message>
        <source>The broker is not running</source>
        <translation>Der Broker läuft nicht</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>Gesperrt</translation>
    </message>
    <message>
        <source>A program asks for something</source>
        <translation>Ein Programm fragt nach etwas</translation>
    </message>
    <message>
        <source>A sign-in is needed</source>
        <translation>Eine Anmeldung ist nötig</translation>
    </message>
    <message>
        <source>Paused: no program gets anything</source>
        <translation>Angehalten: kein Programm bekommt etwas</translation>
    </message>
    <message>
        <source>All is well</source>
        <translation>Alles in Ordnung</translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>still works</source>
        <translation>gilt noch</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>abgelaufen</translation>
    </message>
    <message>
        <source>revoked</source>
        <translation>zurückgenommen</translation>
    </message>
    <message>
        <source>replaced by another</source>
        <translation>durch einen anderen ersetzt</translation>
    </message>
    <message>
        <source>removed here; it may still work</source>
        <translation>hier entfernt; es kann noch gelten</translation>
    </message>
    <message>
        <source>signed out; it may still work</source>
        <translation>abgemeldet; es kann noch gelten</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>once</source>
        <translation>einmal</translation>
    </message>
    <message>
        <source>while it runs</source>
        <translation>solange es läuft</translation>
    </message>
    <message>
        <source>always</source>
        <translation>immer</translation>
    </message>
    <message>
        <source>NOT revoked</source>
        <translation>NICHT zurückgenommen</translation>
    </message>
    <message>
        <source>had ended before</source>
        <translation>war schon beendet</translation>
    </message>
    <message>
        <source>token of %1</source>
        <translation>Token von %1</translation>
    </message>
    <message>
        <source>until %1</source>
        <translation>bis %1</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1; %2</source>
        <translation>%1; %2</translation>
    </message>
    <message>
        <source>a grant in %1</source>
        <translation>eine Erlaubnis in %1</translation>
    </message>
    <message>
        <source>still there; remove it there and restart the broker</source>
        <translation>noch da; entfernen Sie sie dort und starten Sie den Broker neu</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>entfernt</translation>
    </message>
</context>
<context>
    <name>Unlock</name>
    <message>
        <source>Unlock Keybearer</source>
        <translation>Keybearer entsperren</translation>
    </message>
    <message>
        <source>Passphrase of the keychain file:</source>
        <translation>Passphrase der Schlüsselbunddatei:</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message numerus="yes">
        <source>in %n day(s)</source>
        <translation>
            <numerusform>in %n Tag</numerusform>
            <numerusform>in %n Tagen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>vor %n Tag</numerusform>
            <numerusform>vor %n Tagen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n hour(s)</source>
        <translation>
            <numerusform>in %n Stunde</numerusform>
            <numerusform>in %n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>vor %n Stunde</numerusform>
            <numerusform>vor %n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n minute(s)</source>
        <translation>
            <numerusform>in %n Minute</numerusform>
            <numerusform>in %n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>vor %n Minute</numerusform>
            <numerusform>vor %n Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
</context>
<context>
    <name>keybearer::model::BrokerState</name>
    <message>
        <source>%1 may have %2</source>
        <translation>%1 darf %2 haben</translation>
    </message>
</context>
<context>
    <name>keybearer::model::CredentialCalls</name>
    <message>
        <source>The key has its new name. What programs were allowed under the old name does not go along.</source>
        <translation>Der Schlüssel hat seinen neuen Namen. Was Programmen unter dem alten Namen erlaubt war, geht nicht mit.</translation>
    </message>
    <message>
        <source>The next value is in use now, and the one before it is the next: the same again goes back.</source>
        <translation>Der nächste Wert gilt jetzt, und der bisherige ist der nächste: dasselbe noch einmal führt zurück.</translation>
    </message>
    <message numerus="yes">
        <source>%n value(s) of the provider sealed anew, with a new data key.</source>
        <translation>
            <numerusform>Ein Wert des Anbieters mit einem neuen Datenschlüssel neu versiegelt.</numerusform>
            <numerusform>%n Werte des Anbieters mit einem neuen Datenschlüssel neu versiegelt.</numerusform>
        </translation>
    </message>
    <message>
        <source>Signed out of %1. The provider has ended its tokens.</source>
        <translation>Von %1 abgemeldet. Der Anbieter hat die Tokens beendet.</translation>
    </message>
    <message>
        <source>Signed out of %1. The provider did not end its tokens.</source>
        <translation>Von %1 abgemeldet. Der Anbieter hat die Tokens nicht beendet.</translation>
    </message>
    <message>
        <source>Signed out of %1. The provider did not end its tokens: %2</source>
        <translation>Von %1 abgemeldet. Der Anbieter hat die Tokens nicht beendet: %2</translation>
    </message>
</context>
<context>
    <name>keybearer::model::CredentialsModel</name>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>no end known</source>
        <translation>kein Ende bekannt</translation>
    </message>
    <message>
        <source>ends %1</source>
        <translation>endet %1</translation>
    </message>
    <message>
        <source>renews itself</source>
        <translation>erneuert sich selbst</translation>
    </message>
    <message>
        <source>being removed</source>
        <translation>wird entfernt</translation>
    </message>
    <message>
        <source>signed in</source>
        <translation>angemeldet</translation>
    </message>
    <message>
        <source>sign-in needed</source>
        <translation>Anmeldung nötig</translation>
    </message>
    <message>
        <source>key, shared</source>
        <translation>Schlüssel, geteilt</translation>
    </message>
    <message>
        <source>key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>for test</source>
        <translation>zum Testen</translation>
    </message>
    <message>
        <source>only a value to follow</source>
        <translation>nur ein Wert für später</translation>
    </message>
    <message>
        <source>another is ready</source>
        <translation>ein anderer steht bereit</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Account or key</source>
        <translation>Konto oder Schlüssel</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Last used</source>
        <translation>Zuletzt benutzt</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>is not renewed</source>
        <translation>wird nicht erneuert</translation>
    </message>
    <message>
        <source>key of %1</source>
        <translation>Schlüssel von %1</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::AccountsPage</name>
    <message>
        <source>Not removed, since the broker could not be asked any more: %1</source>
        <translation>Nicht entfernt, weil der Broker nicht mehr gefragt werden konnte: %1</translation>
    </message>
    <message>
        <source>%1 will be removed in a moment.</source>
        <translation>%1 wird gleich entfernt.</translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more will be removed in a moment.</source>
        <translation>
            <numerusform>%1 und ein weiterer werden gleich entfernt.</numerusform>
            <numerusform>%1 und %n weitere werden gleich entfernt.</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Sign out of %1? The provider is asked to end its tokens, and they are forgotten here.</source>
        <translation>Von %1 abmelden? Der Anbieter wird gebeten, die Tokens zu beenden, und hier werden sie vergessen.</translation>
    </message>
    <message>
        <source>Sign &amp;out</source>
        <translation>Abm&amp;elden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>No account is signed in, and no key is stored.
Sign in to a provider, or add a key, and your programs can ask for it.</source>
        <translation>Kein Konto ist angemeldet, und kein Schlüssel ist abgelegt.
Melden Sie sich bei einem Anbieter an oder fügen Sie einen Schlüssel hinzu; dann können Ihre Programme danach fragen.</translation>
    </message>
    <message>
        <source>&amp;Sign in ...</source>
        <translation>An&amp;melden ...</translation>
    </message>
    <message>
        <source>&amp;Add a key ...</source>
        <translation>Schlüssel &amp;hinzufügen ...</translation>
    </message>
    <message>
        <source>Accounts and keys</source>
        <translation>Konten und Schlüssel</translation>
    </message>
    <message>
        <source>Sign in a&amp;gain ...</source>
        <translation>&amp;Neu anmelden ...</translation>
    </message>
    <message>
        <source>&amp;Explain ...</source>
        <translation>&amp;Erklären ...</translation>
    </message>
    <message>
        <source>Re&amp;place ...</source>
        <translation>Er&amp;setzen ...</translation>
    </message>
    <message>
        <source>Re&amp;name</source>
        <translation>&amp;Umbenennen</translation>
    </message>
    <message>
        <source>Sign &amp;out ...</source>
        <translation>&amp;Abmelden ...</translation>
    </message>
    <message>
        <source>Re&amp;move</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>New value &amp;beside the old one ...</source>
        <translation>Neuer Wert ne&amp;ben dem alten ...</translation>
    </message>
    <message>
        <source>Put the ne&amp;xt value in use</source>
        <translation>Den nä&amp;chsten Wert verwenden</translation>
    </message>
    <message>
        <source>Seal the provider&apos;s keys ane&amp;w</source>
        <translation>Schlüssel des Anbieters neu &amp;versiegeln</translation>
    </message>
    <message>
        <source>&amp;Copy the name</source>
        <translation>Namen &amp;kopieren</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>The file with the keys of %1 cannot be read.</source>
        <translation>Die Datei mit den Schlüsseln von %1 ist nicht lesbar.</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ActivityPage</name>
    <message>
        <source>Last hour</source>
        <translation>Letzte Stunde</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>Letzter Tag</translation>
    </message>
    <message>
        <source>Last week</source>
        <translation>Letzte Woche</translation>
    </message>
    <message>
        <source>Last month</source>
        <translation>Letzter Monat</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Credential</source>
        <translation>Zugangsdaten</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>&amp;Refused only</source>
        <translation>Nur &amp;Abgelehntes</translation>
    </message>
    <message>
        <source>&amp;Unusual only</source>
        <translation>Nur &amp;Ungewöhnliches</translation>
    </message>
    <message>
        <source>&amp;Management, too</source>
        <translation>Auch &amp;Verwaltung</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>What it ever received</source>
        <translation>Was es je bekommen hat</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschehen ist</translation>
    </message>
    <message>
        <source>Load &amp;older</source>
        <translation>Ä&amp;ltere laden</translation>
    </message>
    <message>
        <source>Reading ...</source>
        <translation>Wird gelesen ...</translation>
    </message>
    <message>
        <source>All since %1; there are older ones</source>
        <translation>Alles seit %1; es gibt ältere</translation>
    </message>
    <message>
        <source>All since %1</source>
        <translation>Alles seit %1</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>All programs</source>
        <translation>Alle Programme</translation>
    </message>
    <message>
        <source>All credentials</source>
        <translation>Alle Zugangsdaten</translation>
    </message>
    <message>
        <source>Choose a mark, or a row below, to see all about it.</source>
        <translation>Wählen Sie eine Marke oder eine Zeile darunter, um alles darüber zu sehen.</translation>
    </message>
    <message numerus="yes">
        <source>%n use(s); the newest:</source>
        <translation>
            <numerusform>%n Verwendung; die neueste:</numerusform>
            <numerusform>%n Verwendungen; die neueste:</numerusform>
        </translation>
    </message>
    <message>
        <source>What %1 ever received</source>
        <translation>Was %1 je bekommen hat</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::AddKeyDialog</name>
    <message>
        <source>For &amp;test</source>
        <translation>Zum &amp;Testen</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Continue</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>A client key for test may have it, and no other value.</source>
        <translation>Ein Client-Schlüssel zum Testen darf ihn haben, und keinen anderen Wert.</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>Add a key</source>
        <translation>Schlüssel hinzufügen</translation>
    </message>
    <message>
        <source>New value beside the old one</source>
        <translation>Neuer Wert neben dem alten</translation>
    </message>
    <message>
        <source>Replace a key</source>
        <translation>Schlüssel ersetzen</translation>
    </message>
    <message>
        <source>&amp;Get a key at %1</source>
        <translation>Schlüssel bei %1 &amp;holen</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>stays: %1</source>
        <translation>bleibt: %1</translation>
    </message>
    <message>
        <source>%1 (optional)</source>
        <translation>%1 (freiwillig)</translation>
    </message>
    <message>
        <source>There is a key of this name already: take another name, or replace that key&apos;s value.</source>
        <translation>Einen Schlüssel dieses Namens gibt es schon: nehmen Sie einen anderen Namen, oder ersetzen Sie dessen Wert.</translation>
    </message>
    <message>
        <source>The key is stored. %1</source>
        <translation>Der Schlüssel ist abgelegt. %1</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Tenant</source>
        <translation>Mandant</translation>
    </message>
    <message>
        <source>&amp;Tenant</source>
        <translation>&amp;Mandant</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::Application</name>
    <message>
        <source>Allowed while nobody was asked</source>
        <translation>Erlaubt, während niemand gefragt wurde</translation>
    </message>
    <message>
        <source>That did not work</source>
        <translation>Das hat nicht geklappt</translation>
    </message>
    <message>
        <source>%1 asks</source>
        <translation>%1 fragt</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Sign in to %1 again</source>
        <translation>Bei %1 neu anmelden</translation>
    </message>
    <message>
        <source>The provider has ended the session.</source>
        <translation>Der Anbieter hat die Sitzung beendet.</translation>
    </message>
    <message>
        <source>A program needs it, and nobody was there.</source>
        <translation>Ein Programm braucht es, und niemand war da.</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>Accounts and keys</source>
        <translation>Konten und Schlüssel</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Check-up</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>Coming up</source>
        <translation>Demnächst</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ConsentWindow</name>
    <message>
        <source>For an hour</source>
        <translation>Für eine Stunde</translation>
    </message>
    <message>
        <source>For a day</source>
        <translation>Für einen Tag</translation>
    </message>
    <message>
        <source>For a week</source>
        <translation>Für eine Woche</translation>
    </message>
    <message>
        <source>For 30 days</source>
        <translation>Für 30 Tage</translation>
    </message>
    <message>
        <source>Keybearer: a program asks</source>
        <translation>Keybearer: ein Programm fragt</translation>
    </message>
    <message>
        <source>of no package of this system</source>
        <translation>aus keinem Paket dieses Systems</translation>
    </message>
    <message>
        <source>Previous question</source>
        <translation>Vorige Frage</translation>
    </message>
    <message>
        <source>Next question</source>
        <translation>Nächste Frage</translation>
    </message>
    <message>
        <source>It wants</source>
        <translation>Es möchte</translation>
    </message>
    <message>
        <source>For</source>
        <translation>Für</translation>
    </message>
    <message>
        <source>It says</source>
        <translation>Es sagt</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Package</source>
        <translation>Paket</translation>
    </message>
    <message>
        <source>Started by</source>
        <translation>Gestartet von</translation>
    </message>
    <message>
        <source>Asked because</source>
        <translation>Gefragt, weil</translation>
    </message>
    <message>
        <source>Take care</source>
        <translation>Vorsicht</translation>
    </message>
    <message>
        <source>&amp;No</source>
        <translation>&amp;Nein</translation>
    </message>
    <message>
        <source>Allow &amp;once</source>
        <translation>&amp;Einmal erlauben</translation>
    </message>
    <message>
        <source>While it &amp;runs</source>
        <translation>Solange es &amp;läuft</translation>
    </message>
    <message>
        <source>&amp;Always</source>
        <translation>&amp;Immer</translation>
    </message>
    <message>
        <source>&amp;For a time</source>
        <translation>Eine &amp;Zeit lang</translation>
    </message>
    <message>
        <source>A program that could not be identified</source>
        <translation>Ein Programm, das nicht erkannt werden konnte</translation>
    </message>
    <message>
        <source>%1 asks</source>
        <translation>%1 fragt</translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation>„%1“</translation>
    </message>
    <message>
        <source> ← </source>
        <translation> ← </translation>
    </message>
    <message>
        <source>It is known by its number only, which another program may have got meanwhile.</source>
        <translation>Es ist nur an seiner Nummer zu erkennen, die inzwischen ein anderes Programm bekommen haben kann.</translation>
    </message>
    <message>
        <source>It cannot be told again for certain, so it can be allowed for now only.</source>
        <translation>Es lässt sich nicht sicher wiedererkennen und kann darum nur für jetzt erlaubt werden.</translation>
    </message>
    <message>
        <source>...</source>
        <translation>...</translation>
    </message>
    <message>
        <source>of no package: you, or a program of yours, can change the file</source>
        <translation>aus keinem Paket: Sie oder eines Ihrer Programme können die Datei ändern</translation>
    </message>
    <message numerus="yes">
        <source>%n call(s) waiting, %1 left</source>
        <translation>
            <numerusform>%n Aufruf wartet, noch %1</numerusform>
            <numerusform>%n Aufrufe warten, noch %1</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Refused meanwhile; what you allow holds when it asks again</source>
        <translation>Inzwischen abgelehnt; was Sie erlauben, gilt, wenn es wieder fragt</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::DoctorPage</name>
    <message>
        <source>Sign in ...</source>
        <translation>Anmelden ...</translation>
    </message>
    <message>
        <source>Unlock ...</source>
        <translation>Entsperren ...</translation>
    </message>
    <message>
        <source>Choose a keychain ...</source>
        <translation>Schlüsselbund wählen ...</translation>
    </message>
    <message>
        <source>Ask me from now on</source>
        <translation>Ab jetzt mich fragen</translation>
    </message>
    <message>
        <source>Start the broker anew</source>
        <translation>Den Broker neu starten</translation>
    </message>
    <message>
        <source>Open the page</source>
        <translation>Die Seite öffnen</translation>
    </message>
    <message>
        <source>Also ask the &amp;providers</source>
        <translation>Auch die &amp;Anbieter fragen</translation>
    </message>
    <message>
        <source>&amp;Check again</source>
        <translation>&amp;Noch einmal prüfen</translation>
    </message>
    <message>
        <source>Checking ...</source>
        <translation>Wird geprüft ...</translation>
    </message>
    <message>
        <source>Everything is in order.</source>
        <translation>Alles ist in Ordnung.</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) to look at.</source>
        <translation>
            <numerusform>%n Sache ist anzusehen.</numerusform>
            <numerusform>%n Sachen sind anzusehen.</numerusform>
        </translation>
    </message>
    <message>
        <source>In order</source>
        <translation>In Ordnung</translation>
    </message>
    <message>
        <source>Take care</source>
        <translation>Vorsicht</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Falsch</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ExpiryNotice</name>
    <message>
        <source>%1: ends %2</source>
        <translation>%1: endet %2</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) will end soon</source>
        <translation>
            <numerusform>%n Sache endet bald</numerusform>
            <numerusform>%n Sachen enden bald</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ExplainView</name>
    <message>
        <source>Where it comes from</source>
        <translation>Woher es kommt</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Where it comes from: %1</source>
        <translation>Woher es kommt: %1</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ForecastPage</name>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>&amp;Sign in</source>
        <translation>A&amp;nmelden</translation>
    </message>
    <message>
        <source>Days on which something ends</source>
        <translation>Tage, an denen etwas endet</translation>
    </message>
    <message>
        <source>What ends when</source>
        <translation>Was wann endet</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>What then</source>
        <translation>Was dann</translation>
    </message>
    <message>
        <source>On %1 nothing ends.</source>
        <translation>Am %1 endet nichts.</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation>%1: %2.</translation>
    </message>
    <message>
        <source>Nothing that is known here ends by itself.</source>
        <translation>Nichts, was hier bekannt ist, endet von selbst.</translation>
    </message>
    <message>
        <source>Previous month</source>
        <translation>Voriger Monat</translation>
    </message>
    <message>
        <source>Next month</source>
        <translation>Nächster Monat</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Tage</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::KeyFieldEdit</name>
    <message>
        <source>Nothing yet</source>
        <translation>Noch nichts</translation>
    </message>
    <message>
        <source>&amp;Paste</source>
        <translation>&amp;Einfügen</translation>
    </message>
    <message>
        <source>&amp;Choose a file ...</source>
        <translation>&amp;Datei wählen ...</translation>
    </message>
    <message>
        <source>File with the %1</source>
        <translation>Datei mit: %1</translation>
    </message>
    <message>
        <source>The file cannot be read: %1</source>
        <translation>Die Datei lässt sich nicht lesen: %1</translation>
    </message>
    <message numerus="yes">
        <source>%n byte(s), not shown</source>
        <translation>
            <numerusform>Ein Byte, nicht gezeigt</numerusform>
            <numerusform>%n Bytes, nicht gezeigt</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::KeychainDialog</name>
    <message>
        <source>The desktop&apos;s &amp;keyring</source>
        <translation>Der Schlüsselbund der &amp;Arbeitsumgebung</translation>
    </message>
    <message>
        <source>A &amp;file, sealed with a passphrase</source>
        <translation>Eine &amp;Datei, versiegelt mit einer Passphrase</translation>
    </message>
    <message>
        <source>A file that is &amp;not encrypted</source>
        <translation>Eine Datei, die &amp;nicht verschlüsselt ist</translation>
    </message>
    <message>
        <source>Where tokens and keys rest</source>
        <translation>Wo Tokens und Schlüssel liegen</translation>
    </message>
    <message>
        <source>&amp;Passphrase</source>
        <translation>&amp;Passphrase</translation>
    </message>
    <message>
        <source>&amp;Once more</source>
        <translation>Noch &amp;einmal</translation>
    </message>
    <message>
        <source>Every program that can read your files could read your tokens.</source>
        <translation>Jedes Programm, das Ihre Dateien lesen kann, könnte Ihre Tokens lesen.</translation>
    </message>
    <message>
        <source>The two are not the same.</source>
        <translation>Die beiden sind nicht gleich.</translation>
    </message>
    <message>
        <source>You will be asked for it after each start. Without it nothing can be read again.</source>
        <translation>Sie werden nach jedem Start danach gefragt. Ohne sie lässt sich nichts mehr lesen.</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::MainWindow</name>
    <message>
        <source>Keybearer</source>
        <translation>Keybearer</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Keybearer is locked: nothing is given out, and nothing is shown.</source>
        <translation>Keybearer ist gesperrt: nichts wird herausgegeben und nichts gezeigt.</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <source>Connecting to the broker ...</source>
        <translation>Verbindung zum Broker wird aufgebaut ...</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Programs cannot be answered from here: %1</source>
        <translation>Programmen kann von hier aus nicht geantwortet werden: %1</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ProgramPanel</name>
    <message>
        <source>What it ever received</source>
        <translation>Was es je bekommen hat</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Erhalten</translation>
    </message>
    <message>
        <source>First</source>
        <translation>Zuerst</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>Wie oft</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>What it may have</source>
        <translation>Was es haben darf</translation>
    </message>
    <message>
        <source>May have</source>
        <translation>Darf haben</translation>
    </message>
    <message>
        <source>How long</source>
        <translation>Wie lange</translation>
    </message>
    <message>
        <source>Allowed by</source>
        <translation>Erlaubt von</translation>
    </message>
    <message>
        <source>Revoke this &amp;grant</source>
        <translation>Diese &amp;Erlaubnis zurücknehmen</translation>
    </message>
    <message>
        <source>Revoke &amp;everything ...</source>
        <translation>&amp;Alles zurücknehmen ...</translation>
    </message>
    <message>
        <source>What was taken back</source>
        <translation>Was zurückgenommen wurde</translation>
    </message>
    <message>
        <source>&amp;Revoke everything</source>
        <translation>Alles &amp;zurücknehmen</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>Take back all that %1 has? Its grants are removed, and its tokens are revoked at the provider. Other programs that have the same token are given a new one when they ask.</source>
        <translation>Alles zurücknehmen, was %1 hat? Seine Erlaubnisse werden entfernt und seine Tokens beim Anbieter widerrufen. Andere Programme mit demselben Token bekommen ein neues, wenn sie fragen.</translation>
    </message>
    <message>
        <source>There is more than can be told here; the table above has it.</source>
        <translation>Es gibt mehr, als hier gesagt werden kann; die Tabelle darüber hat es.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>All of it was taken back.</source>
        <translation>Alles wurde zurückgenommen.</translation>
    </message>
    <message>
        <source>Not all of it could be taken back; what is left is up to you:</source>
        <translation>Nicht alles konnte zurückgenommen werden; was bleibt, liegt bei Ihnen:</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ProviderList</name>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::SettingsPage</name>
    <message>
        <source>Ask me</source>
        <translation>Mich fragen</translation>
    </message>
    <message>
        <source>Let them, and note who asks for what</source>
        <translation>Zulassen und merken, wer was will</translation>
    </message>
    <message>
        <source>Let every program have everything</source>
        <translation>Jedem Programm alles geben</translation>
    </message>
    <message>
        <source>Give nothing to any program</source>
        <translation>Keinem Programm etwas geben</translation>
    </message>
    <message>
        <source>Say nothing</source>
        <translation>Nichts sagen</translation>
    </message>
    <message>
        <source>Warn</source>
        <translation>Warnen</translation>
    </message>
    <message>
        <source>Refuse</source>
        <translation>Ablehnen</translation>
    </message>
    <message>
        <source>the desktop&apos;s keyring</source>
        <translation>der Schlüsselbund der Arbeitsumgebung</translation>
    </message>
    <message>
        <source>a file, sealed with a passphrase</source>
        <translation>eine Datei, versiegelt mit einer Passphrase</translation>
    </message>
    <message>
        <source>a file that is NOT encrypted</source>
        <translation>eine Datei, die NICHT verschlüsselt ist</translation>
    </message>
    <message>
        <source>not chosen yet</source>
        <translation>noch nicht gewählt</translation>
    </message>
    <message>
        <source>C&amp;hange ...</source>
        <translation>Ä&amp;ndern ...</translation>
    </message>
    <message>
        <source>Start with the &amp;session</source>
        <translation>Mit der &amp;Sitzung starten</translation>
    </message>
    <message>
        <source>A program that nobody has allowed anything</source>
        <translation>Ein Programm, dem niemand etwas erlaubt hat</translation>
    </message>
    <message>
        <source>One place&apos;s key hides another&apos;s</source>
        <translation>Der Schlüssel eines Ortes verdeckt den eines anderen</translation>
    </message>
    <message>
        <source>Programs</source>
        <translation>Programme</translation>
    </message>
    <message>
        <source>A &amp;program that nobody has allowed anything</source>
        <translation>Ein &amp;Programm, dem niemand etwas erlaubt hat</translation>
    </message>
    <message>
        <source>&amp;One place&apos;s key hides another&apos;s</source>
        <translation>Der Schlüssel eines &amp;Ortes verdeckt den eines anderen</translation>
    </message>
    <message>
        <source>Lock Keybearer</source>
        <translation>Keybearer sperren</translation>
    </message>
    <message>
        <source>When the screen is &amp;locked</source>
        <translation>Wenn der &amp;Bildschirm gesperrt wird</translation>
    </message>
    <message>
        <source>Before the machine goes to sl&amp;eep</source>
        <translation>Bevor der Rechner schlafen &amp;geht</translation>
    </message>
    <message>
        <source>And lock the desktop&apos;s &amp;keyring along with it</source>
        <translation>Und den Schlüsselbund der Arbeitsumgebung &amp;mit sperren</translation>
    </message>
    <message>
        <source>Tokens rest in</source>
        <translation>Tokens liegen in</translation>
    </message>
    <message>
        <source>The file for it could not be written.</source>
        <translation>Die Datei dafür konnte nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>This window</source>
        <translation>Dieses Fenster</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>What is grey is decided by config.toml.</source>
        <translation>Was grau ist, bestimmt config.toml.</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::SignInDialog</name>
    <message>
        <source>&amp;Continue</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>the provider&apos;s name</source>
        <translation>der Name des Anbieters</translation>
    </message>
    <message>
        <source>&amp;Issuer</source>
        <translation>&amp;Aussteller</translation>
    </message>
    <message>
        <source>Client i&amp;d</source>
        <translation>Client-I&amp;D</translation>
    </message>
    <message>
        <source>&amp;Account</source>
        <translation>&amp;Konto</translation>
    </message>
    <message>
        <source>Another issuer ...</source>
        <translation>Ein anderer Aussteller ...</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::SignInProgress</name>
    <message>
        <source>At</source>
        <translation>Bei</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>It may</source>
        <translation>Es darf</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Client id</source>
        <translation>Client-ID</translation>
    </message>
    <message>
        <source>Client secret</source>
        <translation>Client-Secret</translation>
    </message>
    <message>
        <source>&amp;Open the browser again</source>
        <translation>Browser noch einmal ö&amp;ffnen</translation>
    </message>
    <message>
        <source>&amp;Copy the link</source>
        <translation>&amp;Adresse kopieren</translation>
    </message>
    <message>
        <source>Use &amp;another device</source>
        <translation>Anderes &amp;Gerät verwenden</translation>
    </message>
    <message>
        <source>&amp;Try again</source>
        <translation>&amp;Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Preparing the sign-in ...</source>
        <translation>Die Anmeldung wird vorbereitet ...</translation>
    </message>
    <message>
        <source>Finishing the sign-in ...</source>
        <translation>Die Anmeldung wird abgeschlossen ...</translation>
    </message>
    <message>
        <source>You are signed in</source>
        <translation>Sie sind angemeldet</translation>
    </message>
    <message>
        <source>The key %1 was made and stored.</source>
        <translation>Der Schlüssel %1 wurde erzeugt und abgelegt.</translation>
    </message>
    <message>
        <source>The account is %1.</source>
        <translation>Das Konto ist %1.</translation>
    </message>
    <message>
        <source>You are %1.</source>
        <translation>Sie sind %1.</translation>
    </message>
    <message>
        <source>The sign-in was cancelled</source>
        <translation>Die Anmeldung wurde abgebrochen</translation>
    </message>
    <message>
        <source>Nothing was stored.</source>
        <translation>Es wurde nichts abgelegt.</translation>
    </message>
    <message>
        <source>Enter this code on another device</source>
        <translation>Geben Sie diesen Code auf einem anderen Gerät ein</translation>
    </message>
    <message>
        <source>Open %1 there, or point its camera at the picture. Enter a code only where you have just begun a sign-in yourself.</source>
        <translation>Öffnen Sie dort %1, oder halten Sie seine Kamera auf das Bild. Geben Sie einen Code nur ein, wenn Sie die Anmeldung eben selbst begonnen haben.</translation>
    </message>
    <message>
        <source>QR code of %1</source>
        <translation>QR-Code von %1</translation>
    </message>
    <message>
        <source>A sign-in for this account is under way</source>
        <translation>Eine Anmeldung für dieses Konto läuft schon</translation>
    </message>
    <message>
        <source>Finish it in the browser window that is open already. Its address can be copied here.</source>
        <translation>Schließen Sie sie in dem Browserfenster ab, das schon offen ist. Seine Adresse lässt sich hier kopieren.</translation>
    </message>
    <message>
        <source>Finish the sign-in in your browser</source>
        <translation>Schließen Sie die Anmeldung in Ihrem Browser ab</translation>
    </message>
    <message>
        <source>The sign-in did not work</source>
        <translation>Die Anmeldung hat nicht geklappt</translation>
    </message>
    <message>
        <source>No browser could be opened here. Copy the link and open it yourself.</source>
        <translation>Hier konnte kein Browser geöffnet werden. Kopieren Sie die Adresse und öffnen Sie sie selbst.</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>This provider wants to know the application first. Register a native (public) one at %1, allow the redirect address %2, with any port if it lets you choose, and enter its client id here.</source>
        <translation>Dieser Anbieter will die Anwendung vorher kennen. Registrieren Sie unter %1 eine native (öffentliche) Anwendung, erlauben Sie die Rücksprungadresse %2, mit beliebigem Port, falls das wählbar ist, und geben Sie ihre Client-ID hier ein.</translation>
    </message>
</context>
<context>
    <name>keybearer::tray::TimelineView</name>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Arrow keys go from use to use</source>
        <translation>Pfeiltasten gehen von Verwendung zu Verwendung</translation>
    </message>
    <message>
        <source>Nothing was used in this time</source>
        <translation>In dieser Zeit wurde nichts verwendet</translation>
    </message>
    <message numerus="yes">
        <source>%n use(s)</source>
        <translation>
            <numerusform>%n Verwendung</numerusform>
            <numerusform>%n Verwendungen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::TrayIcon</name>
    <message>
        <source>Keybearer: %1</source>
        <translation>Keybearer: %1</translation>
    </message>
    <message numerus="yes">
        <source>Show %n question(s)</source>
        <translation>
            <numerusform>%n Frage zeigen</numerusform>
            <numerusform>%n Fragen zeigen</numerusform>
        </translation>
    </message>
    <message>
        <source>Sign in ...</source>
        <translation>Anmelden ...</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Sperren</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Open Keybearer</source>
        <translation>Keybearer öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>%1: sign in again ...</source>
        <translation>%1: neu anmelden ...</translation>
    </message>
    <message>
        <source>%1: sign in ...</source>
        <translation>%1: anmelden ...</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>Keybearer&apos;s icon in the panel: sign in, answer programs, see who got what.</source>
        <translation>Das Symbol von Keybearer in der Leiste: anmelden, Programmen antworten, sehen, wer was bekam.</translation>
    </message>
    <message>
        <source>Show the icon and open no window, as at the start of a session.</source>
        <translation>Das Symbol zeigen und kein Fenster öffnen, wie am Anfang einer Sitzung.</translation>
    </message>
    <message>
        <source>Unexpected argument “%1”.</source>
        <translation>Unerwartetes Argument „%1“.</translation>
    </message>
</context>
</TS>
