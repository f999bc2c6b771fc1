#include "daemon/keychain/file_keychain.h"
#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"
#include "ipc/base/private_file.h"
#include "ipc/protocol/limits.h"

#include <algorithm>
#include <array>
#include <map>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;

/// Of values and their names in one document: sealed and in base64 it stays below protocol::kMaxDocumentBytes.
constexpr std::size_t kPartBytes = 384 * 1024;
/// What JSON adds to a value and its name.
constexpr std::size_t kBytesAround = 16;

protocol::Result<std::string> tenantOf(const protocol::Params& params) {
    if (params.boolean("shared")) {
        return std::string(vault::kShared);
    }
    std::string tenant = params.string("tenant").value_or(std::string(vault::kDefaultTenant));
    if (!vault::isTenantName(tenant) || tenant == vault::kShared) {
        return base::fail(failure(ErrorKind::InvalidValue, "this cannot be a tenant's name"));
    }
    return tenant;
}

/// A sealed file of one transfer's own, which is gone at the end: sealing and opening are the file keychain's. Two
/// transfers at once have a file each, or one would be given the other's.
class SealedFile {
public:
    explicit SealedFile(const Services& services)
        : m_path(services.paths.data + "/vault-transfer-" + std::to_string(++s_count) + ".json"),
          m_file(m_path, keychain::FileForm::Sealed) {}
    ~SealedFile() {
        const auto removed = base::removePrivateFile(m_path);
        static_cast<void>(removed); // it is sealed; the next one replaces it
    }
    SealedFile(const SealedFile&) = delete;
    SealedFile& operator=(const SealedFile&) = delete;

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] keychain::FileKeychain& file() { return m_file; }

private:
    static inline std::uint64_t s_count = 0;
    std::string m_path;
    keychain::FileKeychain m_file;
};

struct SlotName {
    std::string_view name;
    vault::Slot slot;
    bool test;
};
constexpr std::array kSlotNames{
    SlotName{"current", vault::Slot::Current, false}, SlotName{"next", vault::Slot::Next, false},
    SlotName{"test-current", vault::Slot::Current, true}, SlotName{"test-next", vault::Slot::Next, true}};

std::string_view slotName(const vault::StoredField& field) {
    return std::ranges::find_if(kSlotNames,
                                [&](const SlotName& row) { return row.slot == field.slot && row.test == field.test; })
        ->name;
}

const SlotName* slotNamed(std::string_view name) {
    const auto found = std::ranges::find(kSlotNames, name, &SlotName::name);
    return found == kSlotNames.end() ? nullptr : &*found;
}

/// "openai/default/current/api_key", in parts; nullopt for another name.
std::optional<std::array<std::string, 4>> partsOf(const std::string& name) {
    std::array<std::string, 4> parts;
    std::string_view rest = name;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        const bool isLast = i + 1 == parts.size();
        if (slash == 0 || isLast != (slash == rest.size())) {
            return std::nullopt;
        }
        parts.at(i) = rest.substr(0, slash);
        rest.remove_prefix(isLast ? slash : slash + 1);
    }
    return slotNamed(parts[2]) != nullptr && vault::isCredentialName(parts[1]) ? std::optional(parts) : std::nullopt;
}

/// Where a value is, by its name in a document.
using Places = std::map<std::string, std::pair<vault::CredentialId, vault::StoredField>>;

protocol::Result<Places> placesAfter(Services& services, const std::string& tenant, const std::string& after) {
    const auto stored = services.vault.list(tenant);
    if (!stored) {
        return base::fail(fromVault(stored.error()));
    }
    Places places;
    for (const vault::StoredCredential& credential : *stored) {
        for (const vault::StoredField& field : credential.fields) {
            std::string name = credential.provider + "/" + credential.name + "/";
            name.append(slotName(field)).append("/").append(field.field);
            if (name > after) {
                const vault::CredentialId id{tenant, credential.provider, credential.name};
                places.emplace(std::move(name), std::pair(id, field));
            }
        }
    }
    return places;
}

/// As many values as one document holds, and the name of the last one when there are more.
struct Part {
    keychain::Items items;
    std::string last;
};

QCoro::Task<protocol::Result<Part>> nextPart(Services& services, std::string tenant, std::string after) {
    const auto places = placesAfter(services, tenant, after);
    if (!places) {
        co_return base::fail(places.error());
    }
    Part part;
    std::size_t bytes = 0;
    for (const auto& [name, place] : *places) {
        const std::vector<std::string> fields{place.second.field};
        auto value = co_await services.vault.read(place.first, place.second.slot, fields);
        if (!value) {
            co_return base::fail(fromVault(value.error()));
        }
        bytes += name.size() + value->front().value.size() + kBytesAround;
        part.items.emplace(name, std::move(value->front().value));
        if (bytes > kPartBytes && name != places->rbegin()->first) {
            part.last = name;
            break;
        }
    }
    co_return std::move(part);
}

/// Every name and value, against the catalogue, before anything is changed.
protocol::Result<void> checkItems(const Services& services, const keychain::Items& items) {
    for (const auto& [name, value] : items) {
        const auto parts = partsOf(name);
        const providers::Profile* profile = parts ? services.catalogue.find((*parts)[0]) : nullptr;
        const providers::Field* field = profile == nullptr ? nullptr : profile->field((*parts)[3]);
        if (field == nullptr) {
            return base::fail(failure(ErrorKind::InvalidValue,
                                      "the document holds a value of a provider or field that is not known here"));
        }
        if (const auto problem = providers::problemWith(*field, value.reveal())) {
            return base::fail(
                failure(ErrorKind::InvalidValue, "the " + field->name + " of " + profile->id + " " + *problem));
        }
    }
    return {};
}

protocol::Result<void> removeAll(Services& services, const std::string& tenant) {
    const auto stored = services.vault.list(tenant);
    if (!stored) {
        return base::fail(fromVault(stored.error()));
    }
    for (const vault::StoredCredential& credential : *stored) {
        const auto removed = services.vault.remove({tenant, credential.provider, credential.name}, {});
        if (!removed) {
            return base::fail(fromVault(removed.error()));
        }
    }
    return {};
}

/// Opens the document; its items are wiped with the result.
QCoro::Task<protocol::Result<keychain::Items>> openDocument(Services& services, std::string document,
                                                            base::Passphrase passphrase) {
    SealedFile sealed(services);
    if (auto written = base::writePrivateFile(sealed.path(), document); !written) {
        co_return base::fail(failure(ErrorKind::StorageError, std::move(written.error())));
    }
    const auto unlocked = co_await sealed.file().unlock(std::move(passphrase));
    if (!unlocked) {
        const bool isWrong = unlocked.error().kind == keychain::ErrorKind::Denied;
        co_return base::fail(
            failure(ErrorKind::InvalidValue, isWrong ? "the passphrase is wrong, or the document was changed"
                                                     : "this is not an exported vault"));
    }
    auto items = sealed.file().items();
    if (!items) {
        co_return base::fail(failure(ErrorKind::InvalidValue, "this is not an exported vault"));
    }
    co_return std::move(*items);
}

} // namespace

QCoro::Task<Reply> vaultExport(Services& services, Call call) {
    const auto tenant = tenantOf(call.params);
    base::Passphrase passphrase{*call.params.takeSecret("passphrase")};
    if (!tenant || passphrase.empty()) {
        co_return base::fail(!tenant ? tenant.error() : failure(ErrorKind::InvalidValue, "the passphrase is empty"));
    }
    auto part = co_await nextPart(services, *tenant, call.params.string("after").value_or(std::string()));
    if (!part) {
        co_return base::fail(std::move(part.error()));
    }
    const auto count = static_cast<std::int64_t>(part->items.size());
    SealedFile sealed(services);
    const auto written = co_await sealed.file().replaceAll(std::move(part->items), std::move(passphrase));
    const auto document = base::readPrivateFile(sealed.path(), protocol::kMaxDocumentBytes);
    if (!written || !document || !*document) {
        co_return base::fail(
            failure(ErrorKind::StorageError, "the document cannot be written: " +
                                                 (written ? std::string("it is too large") : written.error().detail)));
    }
    co_return json{{"tenant", *tenant},
                   {"values", count},
                   {"document", std::string((*document)->reveal())},
                   {"next", orNull(part->last)}};
}

QCoro::Task<Reply> vaultImport(Services& services, Call call) {
    const auto tenant = tenantOf(call.params);
    if (!tenant) {
        co_return base::fail(tenant.error());
    }
    base::Passphrase passphrase{*call.params.takeSecret("passphrase")};
    std::string document = call.params.requiredString("document");
    const auto items = co_await openDocument(services, std::move(document), std::move(passphrase));
    if (!items) {
        co_return base::fail(items.error());
    }
    if (auto checked = checkItems(services, *items); !checked) {
        co_return base::fail(std::move(checked.error()));
    }
    if (call.params.boolean("replace")) {
        if (auto removed = removeAll(services, *tenant); !removed) {
            co_return base::fail(std::move(removed.error()));
        }
    }
    for (const auto& [name, value] : *items) {
        const auto parts = *partsOf(name);
        const vault::CredentialId id{*tenant, services.catalogue.find(parts[0])->id, parts[1]};
        const SlotName& slot = *slotNamed(parts[2]);
        std::vector<vault::FieldValue> values;
        values.push_back({services.catalogue.find(parts[0])->field(parts[3])->name, value.clone(), slot.test});
        const auto stored = co_await services.vault.set(id, slot.slot, std::move(values));
        if (!stored) {
            co_return base::fail(fromVault(stored.error()));
        }
    }
    co_return json{{"tenant", *tenant}, {"values", items->size()}};
}

} // namespace keybearer::rpc
