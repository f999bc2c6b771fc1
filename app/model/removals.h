#pragma once
/// \file
/// Keys that the person has removed, and may take back for a moment.

#include "app/model/credentials.h"

#include <QList>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <memory>
#include <vector>

namespace keybearer::model {

/// Main thread. A key waits first; then due() says to remove it, and it is kept here until done().
class Removals : public QObject {
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kGrace{10'000};

    explicit Removals(std::chrono::milliseconds grace = kGrace, QObject* parent = nullptr);

    /// Without effect for one that is here already.
    void add(const CredentialId& id);
    /// False when it is too late, or it was never there.
    bool undo(const CredentialId& id);
    /// Nothing waits any longer: all of them are due.
    void finish();
    /// Forgets all; those that waited are returned, and stay where they are.
    QList<CredentialId> giveUp();
    /// The broker has answered.
    void done(const CredentialId& id);

    /// Those that can be taken back, the last one last.
    [[nodiscard]] QList<CredentialId> waiting() const;
    /// ... and those that are due, too.
    [[nodiscard]] QList<CredentialId> all() const;

Q_SIGNALS:
    void due(const keybearer::model::CredentialId& id);
    void changed();

private:
    struct One {
        CredentialId id;
        std::unique_ptr<QTimer> timer; ///< null: it is due
    };

    [[nodiscard]] std::vector<One>::iterator find(const CredentialId& id);
    void becomeDue(const CredentialId& id);

    std::chrono::milliseconds m_grace;
    std::vector<One> m_all;
};

} // namespace keybearer::model
