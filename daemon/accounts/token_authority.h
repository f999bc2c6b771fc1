#pragma once
/// \file
/// The one place that holds, refreshes and gives up the tokens of the accounts.

#include "daemon/accounts/account_store.h"
#include "daemon/accounts/backoff.h"
#include "daemon/accounts/failures.h"
#include "daemon/accounts/gate.h"
#include "daemon/accounts/refresh_journal.h"
#include "daemon/accounts/registrations.h"
#include "daemon/accounts/server_directory.h"
#include "daemon/accounts/stored_grant.h"
#include "daemon/accounts/token_cache.h"
#include "daemon/accounts/token_client.h"
#include "daemon/keychain/keychain.h"
#include "daemon/providers/catalogue.h"
#include "ipc/base/clock.h"

#include <QCoroTask>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace keybearer::accounts {

/// What a caller gets who names no `min_valid`; never more than half of what the provider gives.
inline constexpr std::chrono::seconds kDefaultMinValid{60};
/// How long a token without `expires_in` is served before a new one is asked for.
inline constexpr std::chrono::seconds kUnknownLifetime{300};

struct TokenRequest {
    std::string account;
    TokenKind kind;
    std::optional<std::chrono::seconds> minValid;
    bool refresh = false; ///< do not serve from the cache
};

struct IssuedToken {
    base::AccessToken token;
    std::optional<std::int64_t> expiresAt; ///< UTC seconds; nullopt: the provider does not say
    std::string scope;
    std::string account;
    std::string issuer;
    bool fromCache = false;
    /// The token is good with a proof by this key alone (RFC 9449); null: for whoever has it.
    std::shared_ptr<const crypto::SigningKey> dpopKey = {};
};

/// Whose client secret is meant, and how it is shown.
struct ClientName {
    std::string issuer, clientId;
    bool confidential = false;
    std::string authMethod = {}; ///< Account::authMethod
};
[[nodiscard]] ClientName clientOf(const Account& account);

/// A login whose tokens have been verified.
struct NewGrant {
    std::string name;        ///< for the account
    bool nameChosen = false; ///< the person chose it: it must not be another subject's
    std::string renews = {}; ///< Account::id of the one that had this name when the login began; empty: none
    std::string provider, issuer, clientId, scope;
    oauth::IdTokenClaims claims; ///< subject may be empty
    oauth::TokenResponse tokens;
    std::optional<base::ClientSecret> clientSecret; ///< newly given, to be kept
    bool confidential = false;
    bool registered = false;                                ///< Account::registered
    std::string authMethod = {};                            ///< Account::authMethod
    std::string resource = {};                              ///< Account::resource
    std::string address = {};                               ///< that was typed to find the resource; may be empty
    std::shared_ptr<const crypto::SigningKey> dpopKey = {}; ///< that the tokens are bound to; null: none
};

struct LogoutReport {
    std::string account;
    bool revoked = false;
    std::string detail; ///< why not; empty when revoked
};

struct RevokeReport {
    std::size_t revoked = 0;
    std::size_t failed = 0;
    std::string detail; ///< why one was not revoked; empty when all were
};

/// What became of the tokens of one account that a holder had.
struct HeldReport {
    std::string account;
    std::size_t revoked = 0;
    std::size_t failed = 0;
    std::optional<std::int64_t> until; ///< of those that were not revoked, the last ends then: UTC seconds; nullopt:
                                       ///< the provider does not say
    std::string detail;                ///< why one was not revoked; empty when all were
    bool endedSignIn = false;          ///< the provider ended the account's refresh token along with them
};

/// What can be shown of an account without touching the keychain.
struct AccountView {
    std::optional<std::int64_t> expiresAt; ///< of the cached access token for the whole grant
    std::optional<std::int64_t> lastRefreshAt;
    bool renewable = true; ///< false: the provider gave no refresh token, so a new login follows the token's end
};

/// Main thread; everything it is given outlives it.
///
/// One refresh per account is in flight at a time, however many callers wait; those who asked for the same kind of
/// token share its outcome. It is in the journal before it goes out. A rotated refresh token is in the keychain before
/// the access token that came with it is handed out; while it cannot be written it is kept in memory and the write is
/// tried again first. Accounts never wait for one another. A token in use is renewed ahead of its end.
///
/// A refresh token is given up on `invalid_grant` and on nothing else. After a refresh whose outcome is unknown a token
/// that is still good is served to its last second before the refresh token is sent again.
class TokenAuthority {
public:
    struct Parts {
        AccountStore& store;
        RefreshJournal& journal;
        keychain::Keychain& keychain;
        ServerDirectory& servers;
        TokenClient& client;
        Registrations& registrations;
        const providers::Catalogue& catalogue;
        const base::Clock& clock;
    };
    explicit TokenAuthority(Parts parts);

    [[nodiscard]] QCoro::Task<Result<IssuedToken>> token(TokenRequest request);
    /// What token() would answer from the cache at once; nullopt when it would have to wait, or to refuse.
    [[nodiscard]] std::optional<IssuedToken> cachedToken(const TokenRequest& request);
    /// Makes an account of a finished login, or renews the one that it belongs to; durable when it returns.
    [[nodiscard]] QCoro::Task<Result<Account>> adopt(NewGrant grant);
    /// Revokes the refresh token first, then forgets; a provider that refuses keeps nothing here (RFC 7009).
    [[nodiscard]] QCoro::Task<Result<LogoutReport>> logout(std::string account);
    /// Revokes every access token of the account that this broker may have handed out and that has not ended (RFC
    /// 7009), and forgets them. The refresh token stays, so the next caller gets a new one.
    [[nodiscard]] QCoro::Task<Result<RevokeReport>> revokeIssued(std::string account);
    [[nodiscard]] Result<void> rename(const std::string& account, const std::string& newName);

    /// From here on tokens can be asked for with TokenKind::holder `holder`: they are got, kept, renewed and revoked by
    /// themselves.
    void beginHolder(const std::string& holder) { m_holders.insert(holder); }
    /// It gets no token any more; a call that waits for one fails. revokeHeld() follows.
    void endHolder(const std::string& holder) { m_holders.erase(holder); }
    /// Revokes every token that the holder was given and that has not ended (RFC 7009), and forgets them. One report
    /// for each account of which it had any.
    [[nodiscard]] QCoro::Task<std::vector<HeldReport>> revokeHeld(std::string holder);

    [[nodiscard]] const AccountStore& accounts() const noexcept { return m.store; }
    [[nodiscard]] AccountView view(const Account& account) const;
    /// Forgets every access token, and asks for no new one until unlock(). A refresh that is under way ends, and what
    /// it brought of a new refresh token is kept; errors are BrokerLocked meanwhile.
    void lock();
    void unlock() { m_isLocked = false; }
    /// Called after each change of accounts() or view(), from within what changes it: resume nothing in it.
    void onChange(std::function<void()> changed);
    /// True while a refresh of any account, a sign-out, or what a login brought into the keychain is under way.
    [[nodiscard]] bool isBusy() const;
    /// Extra roots, when the account's provider is still the one in the catalogue.
    [[nodiscard]] oauth::Transport transportFor(const Account& account) const;
    [[nodiscard]] QCoro::Task<Result<ClientIdentity>> clientFor(ClientName client);

private:
    struct Refresh {
        TokenKind kind;
        Gate gate;
        Result<void> outcome;
    };
    /// The provider gives tokens, and not this kind: others are served meanwhile.
    struct Refusal {
        TokenKind kind;
        std::chrono::milliseconds until{}; ///< steady clock
        protocol::Error error;
    };
    /// A holder's token that could not be kept until the holder's end.
    struct Forgotten {
        std::string holder;
        std::optional<std::int64_t> expiresAt;  ///< UTC seconds
        std::chrono::milliseconds validUntil{}; ///< steady clock
    };
    struct Session {
        TokenCache cache;
        std::vector<CachedToken> replaced; ///< handed out, still valid, and no longer served: for revokeIssued()
        std::vector<Forgotten> forgotten;
        std::optional<std::int64_t> lastRefreshAt;
        bool renewable = true;                             ///< as far as is known before the grant has been read
        std::uint64_t generation = 0;                      ///< of the grant that was read or written last
        std::shared_ptr<const crypto::SigningKey> dpopKey; ///< of the grant; known whenever a token is in the cache
        std::optional<StoredGrant> unsaved;                ///< received and not yet in the keychain
        std::shared_ptr<Refresh> refreshing;
        std::shared_ptr<Gate> changing; ///< a login or a logout has the grant: no refresh begins before it opens
        Backoff backoff;
        std::optional<protocol::Error> lastFailure; ///< what callers get during the backoff
        std::vector<Refusal> refusals;              ///< kinds that the provider does not give
    };
    using SessionPtr = std::shared_ptr<Session>;
    struct Revocation {
        std::size_t revoked = 0;
        std::vector<CachedToken> left; ///< could not be revoked
        std::string detail;            ///< why; empty when all were
    };
    /// A holder's token that outlived its account.
    struct Left {
        std::string account;
        Forgotten token;
        std::string detail;
    };
    /// What is known of tokens that a holder keeps.
    struct Kept;

    // token_authority.cpp: serving
    [[nodiscard]] SessionPtr session(const std::string& id);
    [[nodiscard]] std::optional<IssuedToken> serve(const Account& account, Session& session,
                                                   const TokenRequest& request, std::chrono::seconds wanted);
    [[nodiscard]] std::chrono::seconds wanted(Session& session, const TokenRequest& request) const;
    [[nodiscard]] Result<std::optional<IssuedToken>> withoutRefresh(const Account& account, Session& session,
                                                                    const TokenRequest& request);
    [[nodiscard]] Result<IssuedToken> afterRefresh(const TokenRequest& request, const std::string& id, Session& session,
                                                   const Result<void>& outcome);
    [[nodiscard]] Result<void> checkTarget(const Account& account, const TokenKind& kind) const;
    [[nodiscard]] static const Refusal* refusalOf(const Session& session, const TokenKind& kind,
                                                  std::chrono::milliseconds now);
    void retire(Session& session, CachedToken token) const;
    /// The grant's key, as far as it may be in memory.
    void bind(Session& session, std::shared_ptr<const crypto::SigningKey> key) const;
    void cache(Session& session, const TokenKind& kind, const oauth::TokenResponse& tokens,
               const std::string& scope) const;
    /// cache(), unless the token gives more than was asked for.
    [[nodiscard]] Result<void> cacheIfNarrow(const Account& account, Session& session, const TokenKind& kind,
                                             const oauth::TokenResponse& tokens, const std::string& asked) const;
    [[nodiscard]] std::optional<std::int64_t> expiryOf(const CachedToken& token) const;
    // renewal.cpp
    [[nodiscard]] bool mayRenew(const std::string& id, const Session& session) const;
    void renewInTime();
    void renewDue();

    // refresh.cpp
    [[nodiscard]] std::shared_ptr<Refresh> beginRefresh(const Account& account, const TokenKind& kind);
    QCoro::Task<> runRefresh(Account account, SessionPtr session, std::shared_ptr<Refresh> refresh);
    QCoro::Task<> renew(std::string id, TokenKind kind);
    [[nodiscard]] QCoro::Task<Result<void>> refreshOnce(Account account, SessionPtr session, TokenKind kind);
    [[nodiscard]] QCoro::Task<Result<void>> useGrant(Account account, SessionPtr session, StoredGrant grant,
                                                     TokenKind kind);
    [[nodiscard]] QCoro::Task<Result<void>> sendRefresh(Account account, SessionPtr session, StoredGrant grant,
                                                        TokenKind kind);
    [[nodiscard]] Result<void> useAccessToken(const Account& account, Session& session, StoredGrant grant,
                                              const TokenKind& kind);
    [[nodiscard]] QCoro::Task<Result<void>> refused(Account account, SessionPtr session, StoredGrant grant,
                                                    RefreshAnswer answer, TokenKind kind);
    [[nodiscard]] QCoro::Task<Result<void>> giveUp(Account account, std::uint64_t generation);
    [[nodiscard]] QCoro::Task<Result<void>> accept(Account account, SessionPtr session, StoredGrant grant,
                                                   oauth::TokenResponse tokens, oauth::Metadata server, TokenKind kind);
    [[nodiscard]] QCoro::Task<Result<void>> checkIdToken(Account account, base::IdToken idToken,
                                                         base::AccessToken accessToken, oauth::Metadata server);
    [[nodiscard]] QCoro::Task<Result<void>> saveGrant(Account account, SessionPtr session, StoredGrant grant);
    /// When a refresh token that is issued now ends, by the server's answer or else by the profile: UTC seconds; 0: not
    /// known.
    [[nodiscard]] std::int64_t refreshEnd(const Account& account, std::optional<std::chrono::seconds> stated) const;
    void noteRefreshEnd(const Account& account, std::optional<std::chrono::seconds> stated);
    [[nodiscard]] Result<void> requireLogin(const std::string& id, const std::string& why);

    void noteFailure(Session& session, const TokenKind& kind, const protocol::Error& error) const;

    // token_exchange.cpp
    [[nodiscard]] QCoro::Task<Result<void>> exchangeOnce(Account account, SessionPtr session, TokenKind kind);
    [[nodiscard]] QCoro::Task<Result<void>> sendExchange(Account account, SessionPtr session, TokenKind kind);

    // held_tokens.cpp
    [[nodiscard]] bool isHolder(const TokenKind& kind) const {
        return kind.holder.empty() || m_holders.contains(kind.holder);
    }
    /// Nothing is served any more; what was handed out is kept to be revoked.
    void withdraw(Session& session) const;
    /// The same, without keeping a token.
    static void forget(Session& session);
    [[nodiscard]] std::size_t heldCount(const Session& session, const std::string& holder) const;
    [[nodiscard]] std::vector<CachedToken> takeHeld(Session& session, const std::string& holder) const;
    [[nodiscard]] QCoro::Task<HeldReport> revokeHeldOf(std::string id, SessionPtr session, std::string holder);
    [[nodiscard]] std::vector<HeldReport> takeLeft(const std::string& holder);
    /// The account is gone; its holders are told at their end what they have of it.
    void leave(const Account& account, Session& session, Revocation others);

    // account_changes.cpp
    /// Session::changing.
    [[nodiscard]] std::shared_ptr<Gate> changeOf(const std::string& id) const;
    /// Waits for a refresh, a login or a logout of the account that is under way.
    [[nodiscard]] QCoro::Task<> settled(SessionPtr session);
    [[nodiscard]] std::string freeName(const std::string& wanted) const;
    [[nodiscard]] QCoro::Task<Result<Account>> keep(Account account, NewGrant grant, SessionPtr session);
    [[nodiscard]] QCoro::Task<Result<void>> keepClientSecret(std::string issuer, std::string clientId,
                                                             std::optional<base::ClientSecret> secret);
    [[nodiscard]] Result<Account> accountFor(const NewGrant& grant) const;

    // account_end.cpp
    [[nodiscard]] QCoro::Task<Result<LogoutReport>> end(Account account, SessionPtr session);
    [[nodiscard]] QCoro::Task<Result<void>> forgetClient(Account account);
    [[nodiscard]] std::vector<CachedToken> takeIssued(Session& session) const;
    [[nodiscard]] QCoro::Task<Revocation> revokeAll(Account account, std::vector<CachedToken> tokens);
    [[nodiscard]] QCoro::Task<LogoutReport> revokeAtProvider(Account account, StoredGrant grant,
                                                             std::optional<base::AccessToken> cached);

    Parts m;
    std::map<std::string, SessionPtr> m_sessions; ///< by account id
    std::shared_ptr<Gate> m_adopting;             ///< opens when the login whose turn it is has been made an account of
    std::set<std::string> m_holders;
    std::vector<Left> m_left;
    bool m_isLocked = false;
    std::function<void()> m_changed;
    QTimer m_renewal;
};

} // namespace keybearer::accounts
