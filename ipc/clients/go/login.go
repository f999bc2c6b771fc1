package keybearer

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// How long Login.Wait asks the broker to wait, again and again.
const loginWait = 60 * time.Second

// LoginOptions say how to sign in; the zero value of each member leaves it out.
type LoginOptions struct {
	Account      string   // a name for the account; the provider's when left out
	ClientID     string   // in the place of the provider's own, as are the next three
	ClientSecret Secret   // kept in the keychain
	Redirect     string   // as "http://127.0.0.1/callback"
	Scopes       []string // all that are asked for
	Issuer       string   // which one of a resource's several
	AddScopes    []string // beside those that the provider has and the account was granted before
	Flow         string   // "browser", which is the default, or "device" (RFC 8628)
	// ExpiresIn is how long until it is given up, rounded up to seconds, 10 s to an hour. Zero: five minutes.
	ExpiresIn time.Duration
	Fresh     bool // cancels a sign-in for the same account that is under way
	// Attended: a person asked for it just now. Without it nothing begins while nobody would see it.
	Attended bool
}

// LoginPage is where the person signs in.
type LoginPage struct {
	// AuthorizationURL is to be opened in the person's browser.
	AuthorizationURL string `json:"authorization_url"`
	// URLExpiresAt is until when it opens; zero: it stays good. URL has another one.
	URLExpiresAt Time `json:"url_expires_at"`
}

// LoginFacts are what is known of a Login when it has begun.
type LoginFacts struct {
	LoginPage
	Account         string   `json:"account"` // name that it will have
	Provider        string   `json:"provider"`
	Issuer          string   `json:"issuer"`
	Resource        string   `json:"resource"` // what the tokens will be for, or empty
	Scopes          []string `json:"scopes"`
	RedirectURI     string   `json:"redirect_uri"`     // where the broker listens; empty for the flow "device"
	UserCode        string   `json:"user_code"`        // what the person enters, for the flow "device"
	VerificationURI string   `json:"verification_uri"` // the page to enter it at
	ExpiresAt       Time     `json:"expires_at"`       // when the broker gives up
	Joined          bool     `json:"joined"`           // the same one is under way, and its page is open: only wait
	ScreenLocked    bool     `json:"screen_locked"`    // nobody would see a page that opens now
}

// Login is a sign-in that a program has begun, made by Client.Login, on a connection of its own. The program shows the
// AuthorizationURL to the person, or opens it in their browser, and waits. The broker keeps what comes of it. Its methods
// may be called from any goroutine.
type Login struct {
	LoginFacts
	client *Client
	id     string

	lock  sync.Mutex // guards what follows
	state string     // the last that is known
}

// SignedIn is how a sign-in ended. What the provider did not say is empty.
type SignedIn struct {
	Account    string `json:"account"`
	Subject    string `json:"subject"`    // who signed in
	Label      string `json:"label"`      // their mail address or name
	Scope      string `json:"scope"`      // granted, separated by spaces
	Credential string `json:"credential"` // provider/name of the key that was made in the place of an account
}

// Login begins a sign-in, on a connection that lives on when the client is closed. Close it. The provider is a
// provider's name, an account's, or a URL: an issuer's or a protected resource's (RFC 9728). Options may be nil. Kinds of
// errors: Connect's, unknown_provider, login_required (not Attended: it waits for the person in `keybearer status`),
// client_id_required, rate_limited, the provider's.
func (c *Client) Login(provider string, options *LoginOptions) (*Login, error) {
	if options == nil {
		options = &LoginOptions{}
	}
	params := parameters{"provider": provider}
	params.text("account", options.Account)
	params.text("client_id", options.ClientID)
	if options.ClientSecret.Reveal() != "" {
		params["client_secret"] = options.ClientSecret
	}
	params.text("redirect", options.Redirect)
	params.list("scopes", options.Scopes)
	params.text("issuer", options.Issuer)
	params.list("add_scopes", options.AddScopes)
	params.text("flow", options.Flow)
	params.seconds("timeout", options.ExpiresIn)
	params.flag("fresh", options.Fresh)
	params.flag("attended", options.Attended)
	client, err := Connect(&Options{Socket: c.socket, Timeout: c.timeout, LookupEnv: c.lookupEnv})
	if err != nil {
		return nil, err
	}
	var begun struct {
		LoginFacts
		ID string `json:"login_id"`
	}
	if err = client.callInto("account.login", params, &begun); err == nil && begun.ID == "" {
		err = failure(KindInternal, "the broker's answer to account.login names no login")
	}
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	return &Login{LoginFacts: begun.LoginFacts, client: client, id: begun.ID, state: "waiting_for_browser"}, nil
}

// Wait blocks until the sign-in ends, at ExpiresAt at the latest, or ctx does, which is the error timeout: Wait may be
// called again then. Kinds of errors: login_failed, login_cancelled (also when nobody finished it in time), the
// provider's, the keychain's; connection_lost when the broker went away, or after Close: begin another one.
func (l *Login) Wait(ctx context.Context) (*SignedIn, error) {
	for {
		if ctx.Err() != nil {
			return nil, timedOut()
		}
		l.lock.Lock()
		params := parameters{"login_id": l.id, "known_state": l.state, "wait": int64(loginWait / time.Second)}
		l.lock.Unlock()
		var seen loginState
		if err := l.client.callIntoWithin(ctx, loginWait+watchGrace, "account.login_status", params, &seen); err != nil {
			return nil, err
		}
		if ended, err := seen.end(); ended != nil || err != nil {
			return ended, err
		}
		l.lock.Lock()
		l.state = seen.State
		l.lock.Unlock()
	}
}

// URL gives the page's address once more: one that opens now, for a page that is opened later, or a second time, where
// URLExpiresAt of the one before is not zero.
func (l *Login) URL() (*LoginPage, error) {
	page := &LoginPage{}
	if err := l.client.callInto("account.login_url", parameters{"login_id": l.id}, page); err != nil {
		return nil, err
	}
	return page, nil
}

// Callback takes the address that a browser on another machine ended at, in the place of its request; Wait goes on. Kind
// of errors: invalid_value for one that is not this sign-in's, which changes nothing.
func (l *Login) Callback(url string) error {
	_, err := l.client.Call("account.login_callback", parameters{"login_id": l.id, "url": NewSecret(url)})
	return err
}

// Close gives the sign-in up, unless it is done or another program waits for it too.
func (l *Login) Close() error { return l.client.Close() }

// Format shows the account.
func (l *Login) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "keybearer.Login "+l.Account)
}

type loginState struct {
	SignedIn
	State string
	Error *struct{ Kind, Message string }
}

// end gives what the sign-in ended with; two nils when it has not.
func (s *loginState) end() (*SignedIn, error) {
	switch {
	case s.State == "done":
		return &s.SignedIn, nil
	case s.State == "failed" && s.Error != nil:
		return nil, failure(s.Error.Kind, "%s", s.Error.Message)
	case s.State == "failed":
		return nil, failure("login_failed", "the sign-in failed")
	case s.State == "cancelled":
		return nil, failure("login_cancelled", "the sign-in was given up before anybody finished it")
	case s.State == "":
		return nil, failure(KindInternal, "the broker's answer to account.login_status has no state")
	}
	return nil, nil
}
