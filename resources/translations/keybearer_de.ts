<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
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
        <source>Refused meanwhile; an answer holds for the next try</source>
        <translation>Inzwischen abgelehnt; eine Antwort gilt für den nächsten Versuch</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
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
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Providers</source>
        <translation>Anbieter</translation>
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
        <source>%1

Register a native application at %2, with the redirect address %3, and enter its client id here.</source>
        <translation>%1

Registrieren Sie unter %2 eine native Anwendung mit der Rücksprungadresse %3 und geben Sie ihre Client-ID hier ein.</translation>
    </message>
    <message>
        <source>No browser could be opened here. Copy the link and open it yourself.</source>
        <translation>Hier konnte kein Browser geöffnet werden. Kopieren Sie die Adresse und öffnen Sie sie selbst.</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
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
</context>
</TS>
