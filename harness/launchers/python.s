# python.exe: what python.org's does, Py_Main with the arguments of the command line, in the words of its C library.
# Wine cannot tell a crash from an exit, as it passes on 8 bits of an exit status. An exception that nothing handles
# ends this process with status 139, which wine.py knows.

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
