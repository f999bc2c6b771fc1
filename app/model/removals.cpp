#include "app/model/removals.h"

#include <algorithm>
#include <utility>

namespace keybearer::model {

Removals::Removals(std::chrono::milliseconds grace, QObject* parent) : QObject(parent), m_grace(grace) {}

std::vector<Removals::One>::iterator Removals::find(const CredentialId& id) {
    return std::ranges::find(m_all, id, &One::id);
}

void Removals::add(const CredentialId& id) {
    if (find(id) != m_all.end()) {
        return;
    }
    auto timer = std::make_unique<QTimer>();
    timer->setSingleShot(true);
    connect(timer.get(), &QTimer::timeout, this, [this, id] { becomeDue(id); });
    timer->start(m_grace);
    m_all.push_back({id, std::move(timer)});
    Q_EMIT changed();
}

bool Removals::undo(const CredentialId& id) {
    const auto one = find(id);
    if (one == m_all.end() || !one->timer) {
        return false;
    }
    m_all.erase(one);
    Q_EMIT changed();
    return true;
}

void Removals::becomeDue(const CredentialId& id) {
    const auto one = find(id);
    if (one != m_all.end() && one->timer) {
        one->timer.release()->deleteLater(); // this may be its own call
        Q_EMIT due(id);
        Q_EMIT changed();
    }
}

void Removals::finish() {
    for (const CredentialId& id : waiting()) {
        becomeDue(id);
    }
}

QList<CredentialId> Removals::giveUp() {
    const QList<CredentialId> waited = waiting();
    if (!std::exchange(m_all, {}).empty()) {
        Q_EMIT changed();
    }
    return waited;
}

void Removals::done(const CredentialId& id) {
    const auto one = find(id);
    if (one != m_all.end()) {
        m_all.erase(one);
        Q_EMIT changed();
    }
}

QList<CredentialId> Removals::waiting() const {
    QList<CredentialId> ids;
    for (const One& one : m_all) {
        if (one.timer) {
            ids << one.id;
        }
    }
    return ids;
}

QList<CredentialId> Removals::all() const {
    QList<CredentialId> ids;
    for (const One& one : m_all) {
        ids << one.id;
    }
    return ids;
}

} // namespace keybearer::model
