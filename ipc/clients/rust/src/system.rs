//! What the system offers and std does not: who runs this process, and who is at the other end of a socket.

use std::os::unix::net::UnixStream;

use crate::Error;

extern "C" {
    fn geteuid() -> u32;
}

/// So that opening a named pipe does not wait for its writer. Linux differs by machine, other systems agree.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const O_NONBLOCK: i32 = if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
    0x80
} else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
    0x4000
} else {
    0x800
};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const O_NONBLOCK: i32 = 0x4;

pub(crate) fn effective_uid() -> u32 {
    // SAFETY: geteuid has no parameters and cannot fail (POSIX); uid_t is 32 bits on every system with std.
    unsafe { geteuid() }
}

/// Fails with "unsafe" unless the other end runs as the user `uid`.
pub(crate) fn check_peer(stream: &UnixStream, uid: u32) -> Result<(), Error> {
    if peer::is_user(stream, uid) {
        return Ok(());
    }
    Err(Error::new("unsafe", "another user answers on the broker's socket; nothing was sent to it"))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod peer {
    use std::ffi::c_void;
    use std::os::raw::c_int;
    use std::os::unix::io::AsRawFd;
    use std::os::unix::net::UnixStream;

    // <asm/socket.h>, which differs by machine.
    const SOL_SOCKET: c_int =
        if cfg!(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc", target_arch = "sparc64")) {
            0xffff
        } else {
            1
        };
    const SO_PEERCRED: c_int = if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
        18
    } else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
        0x40
    } else if cfg!(any(target_arch = "powerpc", target_arch = "powerpc64")) {
        21
    } else {
        17
    };

    /// `struct ucred` of <sys/socket.h>.
    #[repr(C)]
    struct Ucred {
        pid: i32,
        uid: u32,
        gid: u32,
    }

    extern "C" {
        fn getsockopt(socket: c_int, level: c_int, name: c_int, value: *mut c_void, length: *mut u32) -> c_int;
    }

    pub fn is_user(stream: &UnixStream, uid: u32) -> bool {
        let size = std::mem::size_of::<Ucred>() as u32;
        let (mut peer, mut length) = (Ucred { pid: 0, uid: 0, gid: 0 }, size);
        // SAFETY: the descriptor is open as long as `stream` is borrowed. The kernel writes at most `length` bytes,
        // which is the size of `peer`, a struct of integers that any bytes are valid for.
        let result = unsafe {
            getsockopt(stream.as_raw_fd(), SOL_SOCKET, SO_PEERCRED, (&mut peer as *mut Ucred).cast(), &mut length)
        };
        // A wrong constant for this machine shows in the length and is refused.
        result == 0 && length == size && peer.uid == uid
    }
}

/// Elsewhere the private folder is the only guard (README).
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod peer {
    use std::os::unix::net::UnixStream;

    pub fn is_user(_stream: &UnixStream, _uid: u32) -> bool {
        true
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::*;

    #[test]
    fn another_users_socket_is_refused() {
        let (mine, _other) = UnixStream::pair().unwrap();
        let uid = effective_uid();
        assert_eq!(check_peer(&mine, uid), Ok(()));
        assert_eq!(check_peer(&mine, uid + 1).unwrap_err().kind(), "unsafe");
    }
}
