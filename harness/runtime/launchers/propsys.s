# propsys.dll with the one function that CPython 3.12 and later call, in _wmi, and that Wine 8 lacks: it makes a text of
# a value of WMI. Python loads this file, because it is beside python.exe.

.text
.globl VariantToString
.seh_proc VariantToString
VariantToString:				# the value, the text, and how many characters that has place for
	pushq %rsi
	.seh_pushreg %rsi
	pushq %rdi
	.seh_pushreg %rdi
	pushq %rbx
	.seh_pushreg %rbx
	subq $64, %rsp
	.seh_stackalloc 64
	.seh_endprologue
	movq %rdx, %rdi
	movl %r8d, %ebx
	movq %rcx, %rdx
	leaq 32(%rsp), %rcx			# a value that is a text
	movq $0, (%rcx)
	xorl %r8d, %r8d
	movl $8, %r9d				# VT_BSTR
	call VariantChangeType
	testl %eax, %eax
	js done
	movq 40(%rsp), %rsi
copy:
	decl %ebx
	js small
	lodsw
	stosw
	testw %ax, %ax
	jnz copy
	leaq 32(%rsp), %rcx
	call VariantClear
	xorl %eax, %eax
	jmp done
small:
	leaq 32(%rsp), %rcx
	call VariantClear
	movl $0x8007007a, %eax			# STRSAFE_E_INSUFFICIENT_BUFFER
done:
	addq $64, %rsp
	popq %rbx
	popq %rdi
	popq %rsi
	ret
	.seh_endproc
