#include "daemon/crypto/crypto.h" // first: moc of Qt 6.4 cannot read <concepts> before other standard headers
#include "daemon/oauth/pkce.h"

#include <QSet>
#include <QTest>

#include <algorithm>

using namespace keybearer;

namespace {

/// RFC 7636 section 4.1: unreserved characters.
bool isUnreserved(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_' || c == '~';
    });
}

} // namespace

class tst_Pkce : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void challengeIsThatOfAppendixB() {
        // RFC 7636 appendix B
        const base::CodeVerifier verifier{base::Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")};
        QCOMPARE(oauth::codeChallengeS256(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    void verifierIs43UnreservedCharacters() {
        const base::CodeVerifier verifier = oauth::makeCodeVerifier();
        QCOMPARE(verifier.reveal().size(), std::size_t{43});
        QVERIFY(isUnreserved(verifier.reveal()));
    }

    void everyVerifierIsFresh() {
        QSet<QByteArray> seen;
        for (int i = 0; i < 100; ++i) {
            const std::string text(oauth::makeCodeVerifier().reveal());
            seen.insert(QByteArray::fromStdString(text));
        }
        QCOMPARE(seen.size(), 100);
    }

    void randomTokenHas256Bits() {
        QSet<QByteArray> seen;
        for (int i = 0; i < 100; ++i) {
            const std::string token = oauth::randomToken();
            QCOMPARE(token.size(), std::size_t{43}); // ceil(256 / 6)
            QVERIFY(isUnreserved(token));
            seen.insert(QByteArray::fromStdString(token));
        }
        QCOMPARE(seen.size(), 100);
    }
};

QTEST_APPLESS_MAIN(tst_Pkce)
#include "tst_pkce.moc"
