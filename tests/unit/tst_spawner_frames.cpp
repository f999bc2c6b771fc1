#include "daemon/spawner/frames.h"

#include <QTest>

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

using namespace keybearer::spawner;
using keybearer::base::UniqueFd;

class tst_SpawnerFrames : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aFrameComesOutAsItWentIn_data();
    void aFrameComesOutAsItWentIn();
    void theBytesAreThese();
    void bytesThatAreNoFrame_data();
    void bytesThatAreNoFrame();
    void framesThatCannotBe_data();
    void framesThatCannotBe();
    void oneDescriptorGoesAlong();
    void severalDescriptorsAreRefusedAndClosed();
    void whatComesOverTheSocket();
};

namespace {

using Bytes = std::vector<unsigned char>;

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const Bytes kZero{0, 0, 0, 0};
const Bytes kOne{1, 0, 0, 0};

std::pair<UniqueFd, UniqueFd> pair() {
    int ends[2] = {-1, -1};
    ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void sendWithDescriptors(int socket, const Bytes& bytes, std::initializer_list<int> descriptors) {
    Bytes copy = bytes;
    iovec part{copy.data(), copy.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 4)] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
    std::memcpy(CMSG_DATA(head), descriptors.begin(), sizeof(int) * descriptors.size());
    ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

} // namespace

Q_DECLARE_METATYPE(Frame)
Q_DECLARE_METATYPE(Direction)

void tst_SpawnerFrames::aFrameComesOutAsItWentIn_data() {
    QTest::addColumn<Frame>("frame");
    QTest::addColumn<Direction>("direction");
    const auto row = [](const char* name, Direction direction, const Frame& frame) {
        QTest::newRow(name) << frame << direction;
    };
    row("allow command", Direction::ToHelper, {FrameKind::AllowCommand, 0, 0, {"pass", "show", "", "a b"}});
    row("allow profile", Direction::ToHelper, {FrameKind::AllowProfile, 0, 0, {"work"}});
    row("allow file", Direction::ToHelper, {FrameKind::AllowFile, 0, 0, {"/etc/key"}});
    row("hide", Direction::ToHelper, {FrameKind::Hide, 0, 0, {"GROQ_API_KEY"}});
    row("seal", Direction::ToHelper, {FrameKind::Seal, 0, 0, {}});
    row("run", Direction::ToHelper, {FrameKind::Run, 0xFFFFFFFF, 0, {"pass"}});
    row("most words", Direction::ToHelper, {FrameKind::Run, 7, 0, std::vector<std::string>(kMaxWords, "x")});
    row("end", Direction::ToHelper, {FrameKind::End, 7, 0, {}});
    row("open", Direction::ToHelper, {FrameKind::Open, 8, 1, {"/a\xff"}});
    row("executable", Direction::ToHelper, {FrameKind::Executable, 9, 1234567, {}});
    row("look", Direction::ToHelper, {FrameKind::Look, 9, 0, {"https://id.example/"}});
    row("ask", Direction::ToHelper, {FrameKind::Ask, 9, 0, {"identify", "17"}});
    row("answer", Direction::ToBroker, {FrameKind::Answer, 9, 0, {"client", "program", ""}});
    row("started", Direction::ToBroker, {FrameKind::Started, 7, 42, {}});
    row("exited", Direction::ToBroker, {FrameKind::Exited, 7, 255, {}});
    row("killed", Direction::ToBroker, {FrameKind::Killed, 7, 9, {}});
    row("not started", Direction::ToBroker, {FrameKind::NotStarted, 7, -1, {}});
    row("opened", Direction::ToBroker, {FrameKind::Opened, 8, 0, {}});
    row("executable is", Direction::ToBroker, {FrameKind::ExecutableIs, 9, 0, {"/usr/bin/python3"}});
    row("executable is unknown", Direction::ToBroker, {FrameKind::ExecutableIs, 9, 0, {}});
}

void tst_SpawnerFrames::aFrameComesOutAsItWentIn() {
    QFETCH(Frame, frame);
    QFETCH(Direction, direction);
    const auto bytes = encodeFrame(frame);
    QVERIFY(bytes);
    const auto again = parseFrame(*bytes, direction);
    QVERIFY(again && *again == frame);
    const Direction other = direction == Direction::ToHelper ? Direction::ToBroker : Direction::ToHelper;
    QVERIFY(!parseFrame(*bytes, other));
    for (std::size_t size = 0; size < bytes->size(); ++size) {
        QVERIFY(!parseFrame({bytes->data(), size}, direction));
    }
}

void tst_SpawnerFrames::theBytesAreThese() {
    const Bytes expected{6, 2, 1, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 2, 0, 0, 0, 'g', 'o', 0, 0, 0, 0};
    QVERIFY(encodeFrame({FrameKind::Run, 258, -2, {"go", ""}}) == expected);
}

void tst_SpawnerFrames::bytesThatAreNoFrame_data() {
    QTest::addColumn<Bytes>("bytes");
    const Bytes head = kZero + kZero;
    QTest::newRow("nothing") << Bytes();
    QTest::newRow("no such kind") << Bytes{0} + head + kZero;
    QTest::newRow("a kind beyond the last") << Bytes{19} + head + kZero;
    QTest::newRow("a byte too many") << Bytes{5} + head + kZero + Bytes{0};
    QTest::newRow("a word too many") << Bytes{5} + head + kOne + kOne + Bytes{'x'};
    QTest::newRow("a word too few") << Bytes{3} + head + kZero;
    QTest::newRow("an empty program") << Bytes{6} + head + kOne + kZero;
    QTest::newRow("more words said than there are") << Bytes{6} + head + Bytes{2, 0, 0, 0} + kOne + Bytes{'x'};
    QTest::newRow("a million words") << Bytes{6} + head + Bytes{0x40, 0x42, 0x0F, 0};
    QTest::newRow("a word longer than the frame") << Bytes{6} + head + kOne + Bytes{2, 0, 0, 0} + Bytes{'x'};
    QTest::newRow("a word of 4 GiB") << Bytes{6} + head + kOne + Bytes{0xFF, 0xFF, 0xFF, 0xFF} + Bytes{'x'};
    QTest::newRow("NUL in a word") << Bytes{6} + head + kOne + Bytes{3, 0, 0, 0} + Bytes{'a', 0, 'b'};
    QTest::newRow("larger than a frame") << Bytes{6} + head + kOne + Bytes{0xF4, 0x3F, 0, 0} + Bytes(0x3FF4, 'x');
}

void tst_SpawnerFrames::bytesThatAreNoFrame() {
    QFETCH(Bytes, bytes);
    QVERIFY(!parseFrame(bytes, Direction::ToHelper));
    QVERIFY(!parseFrame(bytes, Direction::ToBroker));
}

void tst_SpawnerFrames::framesThatCannotBe_data() {
    QTest::addColumn<Frame>("frame");
    QTest::newRow("no program") << Frame{FrameKind::Run, 1, 0, {}};
    QTest::newRow("an empty program") << Frame{FrameKind::Run, 1, 0, {""}};
    QTest::newRow("NUL") << Frame{FrameKind::Run, 1, 0, {std::string("a\0b", 3)}};
    QTest::newRow("too long") << Frame{FrameKind::Run, 1, 0, {std::string(kMaxFrame, 'x')}};
    QTest::newRow("too long together") << Frame{FrameKind::Run, 1, 0,
                                                std::vector<std::string>(20, std::string(1000, 'x'))};
    QTest::newRow("too many words") << Frame{FrameKind::Run, 1, 0, std::vector<std::string>(kMaxWords + 1, "x")};
    QTest::newRow("a word of nobody") << Frame{FrameKind::Seal, 0, 0, {"x"}};
}

void tst_SpawnerFrames::framesThatCannotBe() {
    QFETCH(Frame, frame);
    QVERIFY(!encodeFrame(frame));
    const auto [a, b] = pair();
    QVERIFY(!sendFrame(a.get(), frame));
}

void tst_SpawnerFrames::oneDescriptorGoesAlong() {
    const auto [a, b] = pair();
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    QVERIFY(sendFrame(a.get(), {FrameKind::Run, 1, 0, {"x"}}, writer.get()));
    auto packet = receiveFrame(b.get(), Direction::ToHelper);
    QVERIFY(packet && packet->descriptor);
    QCOMPARE(::write(packet->descriptor.get(), "y", 1), 1);
    char byte = 0;
    QCOMPARE(::read(reader.get(), &byte, 1), 1);
    QCOMPARE(byte, 'y');
}

void tst_SpawnerFrames::severalDescriptorsAreRefusedAndClosed() {
    const auto [a, b] = pair();
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const auto bytes = encodeFrame({FrameKind::Run, 1, 0, {"x"}});
    sendWithDescriptors(a.get(), *bytes, {writer.get(), writer.get(), writer.get(), writer.get()});
    const auto packet = receiveFrame(b.get(), Direction::ToHelper);
    QVERIFY(!packet && packet.error() == Silence::Broken);
    writer.reset();
    char byte = 0;
    QCOMPARE(::read(reader.get(), &byte, 1), 0); // nobody holds the other end any more
}

void tst_SpawnerFrames::whatComesOverTheSocket() {
    auto [a, b] = pair();
    const auto silence = [reader = b.get()] { return receiveFrame(reader, Direction::ToHelper).error(); };
    QCOMPARE(silence(), Silence::Nothing);
    QVERIFY(sendFrame(a.get(), {FrameKind::Started, 1, 2, {}}));
    QCOMPARE(silence(), Silence::Broken); // the wrong way
    QVERIFY(sendFrame(a.get(), {FrameKind::Seal, 0, 0, {}}));
    QVERIFY(receiveFrame(b.get(), Direction::ToHelper));
    const Bytes large(kMaxFrame + 1, 4);
    QCOMPARE(::send(a.get(), large.data(), large.size(), 0), static_cast<ssize_t>(large.size()));
    QCOMPARE(silence(), Silence::Broken);
    a.reset();
    QCOMPARE(silence(), Silence::Broken);
    QVERIFY(!sendFrame(b.get(), {FrameKind::Started, 1, 2, {}}));
}

QTEST_GUILESS_MAIN(tst_SpawnerFrames)
#include "tst_spawner_frames.moc"
