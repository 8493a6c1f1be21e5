//! Answers the kernel's questions about a lossy disk. Every answer comes from the state in `disk`,
//! and before each step `trouble` is asked; nothing is decided here.

use std::ffi::OsStr;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner,
    OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty,
    ReplyEntry, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use super::disk::{Disk, File, Folder, Node, Refusal};
use super::trouble::{SYNC, Strike, Trouble};
use crate::wait::pause;

/// Nobody else changes the disk, so the kernel may remember for long.
const REMEMBERED: Duration = Duration::from_secs(3_600);
const BLOCK_BYTES: u32 = 4_096;
/// Blocks that the disk claims to have, and to have free.
const BLOCKS: u64 = 1 << 20;
const NAME_BYTES_MAX: u32 = 255;

pub(super) struct Server {
    disk: Arc<Mutex<Disk>>,
    trouble: Arc<Mutex<Trouble>>,
}

impl Server {
    pub(super) fn new(disk: Arc<Mutex<Disk>>, trouble: Arc<Mutex<Trouble>>) -> Self {
        Self { disk, trouble }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a step on a file or folder that is there.
    fn step(&self, request: &Request, operation: &str, number: INodeNo) -> Result<(), Refusal> {
        let path = self.disk().path(number.0).to_owned();
        self.meet(request, operation, &path)
    }

    /// Before a step on a name in a folder.
    fn step_at(
        &self,
        request: &Request,
        operation: &str,
        folder: INodeNo,
        name: &OsStr,
    ) -> Result<(), Refusal> {
        let path = self.disk().path_of(folder.0, text(name)?);
        self.meet(request, operation, &path)
    }

    fn meet(&self, request: &Request, operation: &str, path: &str) -> Result<(), Refusal> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let strike = trouble.meets(operation, path);
        drop(trouble);
        match strike {
            None => Ok(()),
            Some(Strike::Stall(length)) => {
                pause(length);
                Ok(())
            }
            Some(Strike::Fail) => Err(Refusal::Broken),
            Some(Strike::Kill) => {
                let pid = request.pid().to_string();
                let killed = Command::new("kill").args(["-KILL", &pid]).status();
                assert!(killed.is_ok(), "no signal to {pid}");
                Err(Refusal::Broken)
            }
        }
    }

    fn synced(&self, request: &Request, number: INodeNo) -> Result<(), Refusal> {
        match self.step(request, SYNC, number) {
            Ok(()) => self.disk().sync(number.0),
            Err(broken) => {
                self.disk().fail_sync(number.0)?;
                Err(broken)
            }
        }
    }

    fn found(&self, parent: INodeNo, name: &OsStr) -> Result<FileAttr, Refusal> {
        let disk = self.disk();
        let number = disk.find(parent.0, text(name)?)?;
        Ok(attributes(number, disk.node(number)?))
    }

    fn made(&self, parent: INodeNo, name: &OsStr, node: Node) -> Result<FileAttr, Refusal> {
        let mut disk = self.disk();
        let number = disk.make(parent.0, text(name)?, node)?;
        Ok(attributes(number, disk.node(number)?))
    }

    fn attributes(&self, number: INodeNo, length: Option<u64>) -> Result<FileAttr, Refusal> {
        let mut disk = self.disk();
        if let Some(length) = length {
            disk.set_length(number.0, length as usize)?;
        }
        Ok(attributes(number.0, disk.node(number.0)?))
    }

    fn removed(&self, parent: INodeNo, name: &OsStr) -> Result<(), Refusal> {
        self.disk().remove(parent.0, text(name)?)
    }

    fn listed(&self, folder: INodeNo) -> Result<Vec<(u64, FileType, String)>, Refusal> {
        let disk = self.disk();
        let entries = disk.folder(folder.0)?.names.iter();
        let entry = |(name, number): (&String, &u64)| {
            let kind = kind_of(disk.node(*number)?);
            Ok((*number, kind, name.clone()))
        };
        entries.map(entry).collect()
    }
}

/// The disk knows no other names, and no program under test makes them.
fn text(name: &OsStr) -> Result<&str, Refusal> {
    name.to_str().ok_or(Refusal::Missing)
}

fn kind_of(node: &Node) -> FileType {
    match node {
        Node::File(_) => FileType::RegularFile,
        Node::Folder(_) => FileType::Directory,
    }
}

fn attributes(number: u64, node: &Node) -> FileAttr {
    let size = match node {
        Node::File(file) => file.content.len() as u64,
        Node::Folder(_) => 0,
    };
    FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind: kind_of(node),
        perm: if matches!(node, Node::File(_)) {
            0o600
        } else {
            0o700
        },
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        flags: 0,
        blksize: BLOCK_BYTES,
    }
}

fn code(refusal: Refusal) -> Errno {
    match refusal {
        Refusal::Missing => Errno::ENOENT,
        Refusal::IsFolder => Errno::EISDIR,
        Refusal::IsNoFolder => Errno::ENOTDIR,
        Refusal::NotEmpty => Errno::ENOTEMPTY,
        Refusal::Taken => Errno::EEXIST,
        Refusal::Broken => Errno::EIO,
    }
}

fn answer(result: Result<(), Refusal>, reply: ReplyEmpty) {
    match result {
        Ok(()) => reply.ok(),
        Err(refusal) => reply.error(code(refusal)),
    }
}

fn answer_entry(result: Result<FileAttr, Refusal>, reply: ReplyEntry) {
    match result {
        Ok(attr) => reply.entry(&REMEMBERED, &attr, Generation(0)),
        Err(refusal) => reply.error(code(refusal)),
    }
}

fn answer_attr(result: Result<FileAttr, Refusal>, reply: ReplyAttr) {
    match result {
        Ok(attr) => reply.attr(&REMEMBERED, &attr),
        Err(refusal) => reply.error(code(refusal)),
    }
}

impl Filesystem for Server {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        answer_entry(self.found(parent, name), reply);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        answer_attr(self.attributes(ino, None), reply);
    }

    fn setattr(
        &self,
        request: &Request,
        ino: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let resized = || {
            if size.is_some() {
                self.step(request, "resize", ino)?;
            }
            self.attributes(ino, size)
        };
        answer_attr(resized(), reply);
    }

    fn mkdir(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        _: u32,
        _: u32,
        reply: ReplyEntry,
    ) {
        let made = self
            .step_at(request, "make folder", parent, name)
            .and_then(|()| self.made(parent, name, Node::Folder(Folder::default())));
        answer_entry(made, reply);
    }

    fn unlink(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let removed = self
            .step_at(request, "remove", parent, name)
            .and_then(|()| self.removed(parent, name));
        answer(removed, reply);
    }

    fn rmdir(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let removed = self
            .step_at(request, "remove folder", parent, name)
            .and_then(|()| self.removed(parent, name));
        answer(removed, reply);
    }

    fn link(
        &self,
        request: &Request,
        ino: INodeNo,
        new_parent: INodeNo,
        new_name: &OsStr,
        reply: ReplyEntry,
    ) {
        let linked = || {
            self.step_at(request, "link", new_parent, new_name)?;
            self.disk().link(ino.0, new_parent.0, text(new_name)?)?;
            self.attributes(ino, None)
        };
        answer_entry(linked(), reply);
    }

    fn rename(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let renamed = || {
            self.step_at(request, "rename to", new_parent, new_name)?;
            let (from, to) = (text(name)?, text(new_name)?);
            self.disk().rename((parent.0, from), (new_parent.0, to))
        };
        answer(renamed(), reply);
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        _: u32,
        _: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let made = self
            .step_at(request, "make", parent, name)
            .and_then(|()| self.made(parent, name, Node::File(File::default())));
        match made {
            Ok(attr) => reply.created(
                &REMEMBERED,
                &attr,
                Generation(0),
                FileHandle(0),
                FopenFlags::empty(),
            ),
            Err(refusal) => reply.error(code(refusal)),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let disk = self.disk();
        match disk.file(ino.0) {
            Ok(file) => {
                let length = file.content.len();
                let start = (offset as usize).min(length);
                let end = (start + size as usize).min(length);
                reply.data(file.content.get(start..end).unwrap_or_default());
            }
            Err(refusal) => reply.error(code(refusal)),
        }
    }

    fn write(
        &self,
        request: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self
            .step(request, "write", ino)
            .and_then(|()| self.disk().write(ino.0, offset as usize, data));
        match written {
            Ok(()) => reply.written(data.len() as u32),
            Err(refusal) => reply.error(code(refusal)),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, request: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        answer(self.synced(request, ino), reply);
    }

    fn fsyncdir(&self, request: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let synced = self
            .step(request, "sync folder", ino)
            .and_then(|()| self.disk().sync(ino.0));
        answer(synced, reply);
    }

    fn readdir(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        match self.listed(ino) {
            Ok(entries) => {
                let entries = entries.into_iter().zip(1..).skip(offset as usize);
                for ((number, kind, name), next) in entries {
                    if reply.add(INodeNo(number), next, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(refusal) => reply.error(code(refusal)),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let files = BLOCKS;
        reply.statfs(
            BLOCKS,
            BLOCKS,
            BLOCKS,
            files,
            files,
            BLOCK_BYTES,
            NAME_BYTES_MAX,
            BLOCK_BYTES,
        );
    }
}
