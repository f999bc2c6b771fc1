#include "daemon/oauth/result_page.h"

namespace keybearer::oauth {
namespace {

/// SHA-256 of kStyle, so that the page's policy allows this one style and nothing else (CSP 3 section 2.3.1).
constexpr std::string_view kStyleHash = "6UjDqEjCjrcGoF/4GXSbeQtbGKXLnbVpZ9gDn1/zf4M=";

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1c2024;--soft:#60646c;--mark:#c62a2f}"
    "@media(prefers-color-scheme:dark){:root{--back:#111316;--card:#1b1e22;--text:#edeef0;--soft:#b0b4ba;--mark:#"
    "ff9592}}"
    "body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;background:var(--back);"
    "color:var(--text);font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:28rem;margin:1rem;padding:2rem 2.5rem;background:var(--card);border-radius:12px;"
    "border-top:4px solid var(--mark);overflow-wrap:anywhere}"
    "main.success{--mark:#30a46c}"
    "h1{margin:0 0 .5rem;font-size:1.4rem}"
    "p{margin:0;color:var(--soft)}";

std::string_view phraseOf(int status) {
    switch (status) {
    case 200: return "OK";
    case 303: return "See Other";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 414: return "URI Too Long";
    case 421: return "Misdirected Request";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

std::string_view textOf(int status) {
    switch (status) {
    case 403: return "Keybearer answers only a browser that opens this address as a page.\n";
    case 404: return "There is nothing here.\n";
    case 405: return "Keybearer answers GET only.\n";
    case 414:
    case 431: return "The request is too large.\n";
    case 421: return "This address belongs to another server.\n";
    case 505: return "Keybearer speaks HTTP/1.1 only.\n";
    default: return "This is not the answer that Keybearer waits for. Go back to the sign-in page.\n";
    }
}

/// `extra` holds whole header lines of ours.
std::string answer(int status, std::string_view extra, std::string_view styleSource, std::string_view body) {
    std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
    out += phraseOf(status);
    out += "\r\nConnection: close\r\n"
           "Cache-Control: no-store\r\n"
           "Referrer-Policy: no-referrer\r\n"
           "X-Content-Type-Options: nosniff\r\n"
           "X-Frame-Options: DENY\r\n"
           "Content-Security-Policy: default-src 'none'; style-src ";
    out += styleSource;
    out += "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n";
    out += extra;
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    out += body;
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out.push_back(c);
        }
    }
    return out;
}

constexpr std::string_view kNoStyle = "'none'";
constexpr std::string_view kPlainText = "Content-Type: text/plain; charset=utf-8\r\n";

} // namespace

std::string textAnswer(int status, bool allowBody) {
    std::string extra(kPlainText);
    if (status == 405) {
        extra += "Allow: GET\r\n";
    }
    return answer(status, extra, kNoStyle, allowBody ? textOf(status) : std::string_view{});
}

std::string alreadyUsedAnswer() {
    return answer(400, kPlainText, kNoStyle, "This sign-in link is already used.\n");
}

std::string redirectAnswer(std::string_view path) {
    std::string extra = "Location: ";
    extra += path;
    extra += "\r\n";
    return answer(303, extra, kNoStyle, {});
}

std::string pageAnswer(const ResultPage& page) {
    const std::string title = escaped(page.title);
    std::string body = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    body += title;
    body += " - Keybearer</title>\n<style>";
    body += kStyle;
    body += "</style>\n</head>\n<body>\n<main";
    body += page.success ? " class=\"success\"" : "";
    body += ">\n<h1>";
    body += title;
    body += "</h1>\n<p>";
    body += escaped(page.message);
    body += "</p>\n</main>\n</body>\n</html>\n";
    std::string source = "'sha256-";
    source += kStyleHash;
    source += "'";
    return answer(200, "Content-Type: text/html; charset=utf-8\r\n", source, body);
}

} // namespace keybearer::oauth
