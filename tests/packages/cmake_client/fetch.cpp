#include <keybearer.hpp>

#include <iostream>

int main(int count, char** arguments) try {
    keybearer::Client broker;
    const bool isToken = count == 2;
    std::cout << (isToken ? broker.token(arguments[1]) : broker.resolve(arguments[1], arguments[2])).view() << "\n";
} catch (const keybearer::Error& error) {
    std::cerr << error.kind() << ": " << error.what() << "\n";
    return error.exitCode();
}
