# python.exe: what python.org's does, Py_Main with the arguments of the command line, in the words of its C library.
# Wine cannot tell a crash from an exit, as it passes on 8 bits of an exit status. An exception that nothing handles
# ends this process with status 139, which wine.py knows.
# Wine 8 has no CopyFile2, so that CPython 3.12 and later would die of it: the import leads to CopyFileEx.

.globl start
.text
.seh_proc start
start:
	subq $40, %rsp
	.seh_stackalloc 40
	.seh_endprologue
	movl $1, %ecx				# a console application
	call _set_app_type
	movl $1, %ecx				# wildcards are not expanded
	call _configure_wide_argv
	call _initialize_wide_environment
	leaq crashed(%rip), %rcx
	call SetUnhandledExceptionFilter

	movl $6, %ecx				# by an address, without a reference
	movq __imp_Py_Main(%rip), %rdx
	leaq 32(%rsp), %r8
	call GetModuleHandleExW
	movq 32(%rsp), %rbx
	movslq 0x3c(%rbx), %rax			# the headers
	movl 0x90(%rbx, %rax), %esi		# the table of imports
	addq %rbx, %rsi
library:
	movl (%rsi), %edi			# the names
	movl 16(%rsi), %ebp			# the addresses
	addq $20, %rsi
	testl %edi, %edi
	jz run
	addq %rbx, %rdi
	addq %rbx, %rbp
import:
	movq (%rdi), %rax
	testq %rax, %rax
	jz library
	js next					# a number, not a name
	movabsq $0x656c694679706f43, %rcx	# CopyFile
	cmpq %rcx, 2(%rbx, %rax)
	jne next
	cmpw $0x32, 10(%rbx, %rax)		# 2, and the end
	je found
next:
	addq $8, %rdi
	addq $8, %rbp
	jmp import
found:
	movq %rbp, %rcx
	movl $8, %edx
	movl $4, %r8d				# to be written
	leaq 32(%rsp), %r9
	call VirtualProtect
	leaq copy_file(%rip), %rax
	movq %rax, (%rbp)

run:
	call __p___wargv
	movq (%rax), %rbx
	call __p___argc
	movl (%rax), %ecx
	movq %rbx, %rdx
	call Py_Main
	movl %eax, %ecx
	call exit
	hlt
	.seh_endproc

.seh_proc crashed
crashed:
	subq $40, %rsp
	.seh_stackalloc 40
	.seh_endprologue
	movq $-1, %rcx				# this process
	movl $139, %edx
	call TerminateProcess
	hlt
	.seh_endproc

.seh_proc copy_file
copy_file:					# the two names, and a structure whose second word is the flags
	subq $56, %rsp
	.seh_stackalloc 56
	.seh_endprologue
	movl 4(%r8), %eax
	movq %rax, 40(%rsp)
	movq $0, 32(%rsp)
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	call CopyFileExW
	testl %eax, %eax
	movl $0, %eax
	jnz copied
	call GetLastError
	movzwl %ax, %eax
	orl $0x80070000, %eax			# an HRESULT
copied:
	addq $56, %rsp
	ret
	.seh_endproc

# The manifest, without which Windows says that it is of version 6.2: a resource of type 24, in three levels of tables.
.section .rsrc, "dr"
types:
	.long 0, 0, 0, 0x10000, 24, 0x80000000 + names - types
names:
	.long 0, 0, 0, 0x10000, 1, 0x80000000 + languages - types
languages:
	.long 0, 0, 0, 0x10000, 1033, data - types
data:
	.rva manifest
	.long end - manifest, 0, 0
manifest:
	.ascii "<assembly xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'>"
	.ascii "<compatibility xmlns='urn:schemas-microsoft-com:compatibility.v1'><application>"
	.ascii "<supportedOS Id='{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}'/></application></compatibility></assembly>"
end:
