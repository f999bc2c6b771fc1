<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Words</name>
    <message numerus="yes">
        <source>in %n day(s)</source>
        <translation>
            <numerusform>in %n day</numerusform>
            <numerusform>in %n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n hour(s)</source>
        <translation>
            <numerusform>in %n hour</numerusform>
            <numerusform>in %n hours</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n hour ago</numerusform>
            <numerusform>%n hours ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n minute(s)</source>
        <translation>
            <numerusform>in %n minute</numerusform>
            <numerusform>in %n minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::model::CredentialCalls</name>
    <message numerus="yes">
        <source>%n value(s) of the provider sealed anew, with a new data key.</source>
        <translation>
            <numerusform>%n value of the provider sealed anew, with a new data key.</numerusform>
            <numerusform>%n values of the provider sealed anew, with a new data key.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::AccountsPage</name>
    <message numerus="yes">
        <source>%1 and %n more will be removed in a moment.</source>
        <translation>
            <numerusform>%1 and %n more will be removed in a moment.</numerusform>
            <numerusform>%1 and %n more will be removed in a moment.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ActivityPage</name>
    <message numerus="yes">
        <source>%n use(s); the newest:</source>
        <translation>
            <numerusform>%n use; the newest:</numerusform>
            <numerusform>%n uses; the newest:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ConsentWindow</name>
    <message numerus="yes">
        <source>%n call(s) waiting, %1 left</source>
        <translation>
            <numerusform>%n call waiting, %1 left</numerusform>
            <numerusform>%n calls waiting, %1 left</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::DoctorPage</name>
    <message numerus="yes">
        <source>%n thing(s) to look at.</source>
        <translation>
            <numerusform>%n thing to look at.</numerusform>
            <numerusform>%n things to look at.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::ExpiryNotice</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) will end soon</source>
        <translation>
            <numerusform>%n thing will end soon</numerusform>
            <numerusform>%n things will end soon</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::KeyFieldEdit</name>
    <message numerus="yes">
        <source>%n byte(s), not shown</source>
        <translation>
            <numerusform>%n byte, not shown</numerusform>
            <numerusform>%n bytes, not shown</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::TimelineView</name>
    <message numerus="yes">
        <source>%n use(s)</source>
        <translation>
            <numerusform>%n use</numerusform>
            <numerusform>%n uses</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keybearer::tray::TrayIcon</name>
    <message numerus="yes">
        <source>Show %n question(s)</source>
        <translation>
            <numerusform>Show %n question</numerusform>
            <numerusform>Show %n questions</numerusform>
        </translation>
    </message>
</context>
</TS>
