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
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Check-up</source>
        <translation>Prüfung</translation>
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
