//! What a fault of files is called, in Chinese: what the operating system says of it is English, and of no use to an office.

use std::io::{Error, ErrorKind};

/// The fault in a few words: `没有这个文件`.
pub fn words(fault: &Error) -> String {
    let known = match fault.kind() {
        ErrorKind::NotFound => "没有这个文件或文件夹",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::IsADirectory => "这是文件夹，不是文件",
        ErrorKind::NotADirectory => "路径中有一段不是文件夹",
        ErrorKind::AlreadyExists => "已有同名的文件或文件夹",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::QuotaExceeded => "已超过磁盘配额",
        ErrorKind::FileTooLarge => "文件过大",
        ErrorKind::ReadOnlyFilesystem => "文件系统只能读，不能写",
        ErrorKind::DirectoryNotEmpty => "目录不是空的",
        ErrorKind::InvalidFilename => "文件名无效或过长",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => "文件正被占用",
        ErrorKind::AddrInUse => "地址已被占用",
        ErrorKind::AddrNotAvailable => "本机没有这个地址",
        ErrorKind::ConnectionRefused => "对方拒绝连接",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "连接已断开",
        ErrorKind::TimedOut => "超时",
        ErrorKind::InvalidData => "内容不是有效的文本",
        ErrorKind::UnexpectedEof => "文件在中途结束",
        ErrorKind::Interrupted => "被中断",
        ErrorKind::OutOfMemory => "内存不足",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    // What this program says of a fault itself is Chinese already.
    let said = fault.to_string();
    match fault.raw_os_error() {
        Some(5) => "磁盘读写出错".to_owned(),
        Some(code) => format!("系统错误 {code}"),
        None if said.is_ascii() => "读写出错".to_owned(),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_chinese() {
        for code in [1, 2, 5, 13, 17, 20, 21, 24, 27, 28, 30, 36, 39, 40, 98, 111] {
            let told = words(&Error::from_raw_os_error(code));
            assert!(
                !told.is_empty() && !told.contains(|c: char| c.is_ascii_alphabetic()),
                "{code}: {told}"
            );
        }
        assert_eq!(words(&Error::other("文件在读取时被改动")), "文件在读取时被改动");
        assert_eq!(words(&Error::other("broken")), "读写出错");
        assert_eq!(words(&Error::from(ErrorKind::NotFound)), "没有这个文件或文件夹");
    }
}
